// The licences of what is bundled: each wants its text to go along with every copy.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const TEXT = /^(licen[cs]e|copying|notice)/i;

/**
 * Folders of the packages that have a part in a bundle, relative to where it was built.
 * @param {import('esbuild').Metafile} metafile
 */
export function bundledPackages(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return [
    ...new Set(inputs.map((path) => PACKAGE.exec(path)?.[0]).filter((path) => path !== undefined)),
  ].sort();
}

/**
 * Names, versions, licences and their texts, as one text.
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root folder that the bundle was built in
 * @throws {Error} for a package whose licence is not known to be free of conditions beyond its text, or that comes without the text
 */
export function thirdPartyLicenses(metafile, root) {
  const sections = bundledPackages(metafile).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (!ALLOWED.includes(license)) {
      throw new Error(
        `${name} ${version} is bundled, and its licence "${license}" is not one of ${ALLOWED.join(', ')}`,
      );
    }
    const files = readdirSync(join(root, folder))
      .filter((file) => TEXT.test(file))
      .sort();
    if (files.length === 0)
      throw new Error(`${name} ${version} is bundled, and comes without the text of its licence`);
    const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  return `This program contains the following packages.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
