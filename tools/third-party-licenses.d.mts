interface Metafile {
  outputs: Record<string, { inputs: Record<string, unknown> }>;
}

export function bundledPackages(metafile: Metafile): string[];
export function thirdPartyLicenses(metafile: Metafile, root: string): string;
