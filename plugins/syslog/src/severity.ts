/** Of RFC 5424 section 6.2.1, the most severe first: a position is a code. */
export const severities = [
  'emerg',
  'alert',
  'crit',
  'err',
  'warning',
  'notice',
  'info',
  'debug',
] as const

export type Severity = (typeof severities)[number]

/** Of RFC 5424 section 6.2.1, by its codes; 12 to 15 have no name that all systems share. */
export const facilities = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const

export type Facility = keyof typeof facilities

export interface SeverityConfig {
  readonly log_level: Severity
  readonly successful_severity: Severity
  readonly client_errors_severity: Severity
  readonly server_errors_severity: Severity
}

/** The severity of a connection by its status; undefined for one that is less severe than what is wanted. */
export function severityOf(status: number, config: SeverityConfig): Severity | undefined {
  const severity = chosenFor(status, config)
  return severities.indexOf(severity) <= severities.indexOf(config.log_level) ? severity : undefined
}

function chosenFor(status: number, config: SeverityConfig): Severity {
  if (status >= 500) return config.server_errors_severity
  return status >= 400 ? config.client_errors_severity : config.successful_severity
}
