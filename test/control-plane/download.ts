import { tmpdir } from 'node:os';
import { go } from './go.ts';

export interface DownloadedModule {
  /** Folder with the module's files, read-only. */
  dir: string;
  /** Its go.mod. */
  goMod: string;
}

/** Fetches a Go module by Go's own client, verified by its checksum database. Rejects with Go's message. */
export async function downloadModule(path: string, version: string): Promise<DownloadedModule> {
  // Outside any module: the module files of the folder we happen to be in must not count.
  const answer: unknown = JSON.parse(
    await go(['mod', 'download', '-json', `${path}@${version}`], { cwd: tmpdir() }),
  );
  if (typeof answer === 'object' && answer !== null && 'Dir' in answer && 'GoMod' in answer) {
    const { Dir, GoMod } = answer;
    if (typeof Dir === 'string' && typeof GoMod === 'string') return { dir: Dir, goMod: GoMod };
  }
  throw new Error(`go mod download ${path}@${version} gave no folder`);
}
