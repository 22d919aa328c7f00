// Bundles the program into one file, in `dist` or the folder that is given. Type checking is `npm run build`'s other half:
// `npm ci` needs only the bundle.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { thirdPartyLicenses } from './tools/third-party-licenses.mjs';

// Another version is for tests of an upgrade.
const version =
  process.env.AUDIT_POLICY_BUILD_VERSION ??
  JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).version;

const IN_CLIENT_NODE = /[\\/]@kubernetes[\\/]client-node[\\/]dist([\\/]|$)/;

/**
 * Of client-node only the kubeconfig and its logins are used. It does not say that its modules do nothing but define: told so, the
 * bundler leaves its generated models out. Its own requests go through undici, which would be half of the bundle;
 * ours and those of its logins (OIDC) do not, and the agents for a proxy are others.
 */
const leanClientNode = {
  name: 'lean-client-node',
  setup(bundler) {
    // Its modules name each other with their endings, so no search is needed.
    bundler.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) =>
      IN_CLIENT_NODE.test(resolveDir) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
    bundler.onResolve({ filter: /^undici$/ }, ({ path, resolveDir }) =>
      IN_CLIENT_NODE.test(resolveDir) ? { path, namespace: 'left-out' } : undefined,
    );
    // By itself beforehand: of modules that are loaded late the bundler keeps every export, which is half a megabyte of models.
    bundler.onLoad({ filter: /client-node[\\/]dist[\\/]config\.js$/ }, async ({ path }) => {
      if (bundler.initialOptions.entryPoints?.[0] === path) return undefined;
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        write: false,
        platform: 'node',
        format: 'esm',
        packages: 'external',
        sourcemap: 'inline',
        plugins: [leanClientNode],
        logLevel: 'warning',
      });
      return { contents: outputFiles[0].text };
    });
    bundler.onLoad({ filter: /^undici$/, namespace: 'left-out' }, () => ({
      contents: `
        function leftOut() { throw new Error('undici is left out of the bundle: see build.mjs'); }
        export { leftOut as Agent, leftOut as ProxyAgent, leftOut as fetch };`,
    }));
  },
};

/**
 * Node.js answers an import of `http` with a module that has all its exports made, WebSocket among them, and loads its own undici for
 * that; `require` makes none before it is asked for.
 */
const requiredBuiltins = {
  name: 'required-builtins',
  setup(bundler) {
    bundler.onResolve({ filter: /^[a-z_:/]+$/ }, ({ kind, path }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    bundler.onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

const outdir = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'));

const { metafile } = await build({
  absWorkingDir: import.meta.dirname,
  metafile: true,
  entryPoints: ['src/main.ts'],
  outfile: join(outdir, 'audit-policy-operator.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  // Node.js keeps the source in memory, two bytes a character if a comment has but one that is not Latin.
  minifyWhitespace: true,
  lineLimit: 120,
  sourcemap: 'linked',
  legalComments: 'linked',
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [leanClientNode, requiredBuiltins],
  logLevel: 'warning',
});

writeFileSync(join(outdir, 'THIRD_PARTY_LICENSES.txt'), thirdPartyLicenses(metafile, import.meta.dirname));
