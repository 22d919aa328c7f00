/** How much is logged; in a file of its own, so that a list of options does not load the logger. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
