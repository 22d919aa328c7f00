// Bundles the program into one file. Type checking is `npm run build`'s other half: `npm ci` needs only the bundle.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/**
 * client-node does not say that its modules do nothing but define; told so, the bundler leaves its generated models out.
 */
const leanClientNode = {
  name: 'lean-client-node',
  setup(bundler) {
    // Its modules name each other with their endings, so no search is needed.
    bundler.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) =>
      /[\\/]@kubernetes[\\/]client-node[\\/]dist([\\/]|$)/.test(resolveDir)
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/audit-policy-operator.mjs',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  sourcemap: 'linked',
  legalComments: 'linked',
  define: { __VERSION__: JSON.stringify(version) },
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [leanClientNode],
  logLevel: 'warning',
});
