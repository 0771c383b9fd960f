/** The levels of the error log, from the least urgent to the most. */
export const logLevels = [
  'debug',
  'info',
  'notice',
  'warn',
  'error',
  'crit',
  'alert',
  'emerg',
] as const

export type LogLevelName = (typeof logLevels)[number]
