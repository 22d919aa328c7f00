#!/usr/bin/env node
// Says what is missing in a sentence where an import error would not.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = new URL('../dist/audit-policy-operator.mjs', import.meta.url);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `audit-policy-operator: needs Node.js 22.19 or newer, found ${process.versions.node}. ` +
      'In a clone, "npm ci" brings Node.js 24 along: start it with "npx audit-policy-operator".\n',
  );
  process.exitCode = 2;
} else if (!existsSync(bundle)) {
  process.stderr.write('audit-policy-operator: not built yet: run "npm run build".\n');
  process.exitCode = 2;
} else {
  await import(bundle.href);
}
