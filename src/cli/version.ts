/** Filled in by the bundler from package.json. */
declare const __VERSION__: string | undefined;

/** The program's version; `dev` when run from source. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : 'dev';
