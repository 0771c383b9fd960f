/** The kit to test a plugin with: no gateway, no sockets, and a clock that stands still. */
export { mount } from './mount.ts'
export type { Mounted, MountOptions } from './mount.ts'
export type { Outcome } from './connect.ts'
export type { Bytes, Dial } from './dial.ts'
export { LocalCounters } from './local-counters.ts'
export type { Line } from './log-lines.ts'
export { ManualClock } from './manual-clock.ts'
export { replay } from './replay.ts'
