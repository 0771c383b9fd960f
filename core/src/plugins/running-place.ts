/** The places in what a watchdog sees of a process; see `running`. */
export const place = { beat: 0, serial: 1, phase: 2, preparing: 3 } as const
