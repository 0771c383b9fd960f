import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { lossError } from '../portable/failures.ts'
import { untaken } from '../portable/say.ts'
import type { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'

/**
 * Milliseconds until a kernel that had no room is asked again. That a client leaves the first few kilobytes of a
 * connection unread is so rare that the engine does not watch for it.
 */
const pause = 20

/** Sends bytes before anything else flows; `Inbound.say` says how. */
export async function say(
  socket: NativeSocket,
  bytes: Uint8Array,
  deadline: number,
): Promise<void> {
  for (let rest = Buffer.from(bytes); ;) {
    const sent = socket.hub.addon.say(socket.id, rest)
    if (sent < 0) throw lossError(socket.fault ?? lossOf(-sent))
    rest = rest.subarray(sent)
    if (rest.length === 0) return
    if (performance.now() >= deadline) throw untaken()
    await wait(pause)
  }
}

/** A descriptor that is not there was closed by this side. */
function lossOf(errno: number): Error | null {
  return errno === constants.errno.EBADF ? null : systemError('write', errno)
}
