import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/** Imports point one way (docs/architecture.md): what each folder of src/ may not import. */
const layers = [
  'api',
  'policy',
  'simulate',
  'plan',
  'kube',
  'runtime',
  'observability',
  'controllers',
  'webhook',
  'report',
  'cli',
];
const mayImport = {
  api: [],
  policy: ['api'],
  simulate: ['api', 'policy'],
  plan: ['api', 'policy'],
  kube: ['runtime'],
  runtime: [],
  observability: ['kube', 'runtime'],
  controllers: ['api', 'policy', 'plan', 'kube', 'runtime', 'observability'],
  webhook: ['api', 'policy', 'plan', 'kube', 'runtime', 'observability', 'controllers'],
  report: ['api', 'policy', 'simulate'],
  cli: layers.filter((layer) => layer !== 'cli'),
};
const pure = ['api', 'policy', 'simulate', 'plan', 'report'];

const zone = (folder) => {
  const forbidden = layers.filter((layer) => layer !== folder && !mayImport[folder].includes(layer));
  const patterns = forbidden.map((layer) => ({
    // Upwards: a folder of the same name beside a file is another one.
    regex: `^(\\.\\./)+${layer}/`,
    message: `src/${folder} may not import src/${layer}.`,
  }));
  if (folder !== 'kube')
    patterns.push({ group: ['@kubernetes/client-node*'], message: 'Only src/kube imports client-node.' });
  if (pure.includes(folder)) {
    patterns.push({
      regex: '^(node:(?!crypto$|util$).*|pino|commander)$',
      message: `src/${folder} is pure: no I/O, no logger.`,
    });
  }
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      ...(pure.includes(folder)
        ? {
            'no-restricted-globals': [
              'error',
              'process',
              'console',
              'fetch',
              'setTimeout',
              'setInterval',
              'setImmediate',
              'performance',
            ],
            'no-restricted-properties': [
              'error',
              { object: 'Date', property: 'now', message: 'Pure code takes the time as a value.' },
              { object: 'Math', property: 'random', message: 'Pure code takes chance as a value.' },
            ],
          }
        : {
            'no-restricted-properties': [
              'error',
              { object: 'process', property: 'exit', message: 'Only src/main.ts ends the process.' },
              { object: 'process', property: 'argv', message: 'Only src/main.ts reads the arguments.' },
              { object: 'process', property: 'env', message: 'Only src/main.ts reads the environment.' },
            ],
          }),
    },
  };
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: 'error',
    },
  },
  {
    // Iterating with an index over what was just measured is plain; elsewhere `!` is a claim without proof.
    files: ['test/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['test/**/*.test.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect', 'fc.assert', 'expect*', 's.waitFor*', 'own.waitFor*'] },
      ],
    },
  },
  ...layers.map(zone),
);
