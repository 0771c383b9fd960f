import { TransportError } from '../transport.ts'
import { lossError } from './failures.ts'
import { startTimer } from './timer.ts'
import type { Wire } from './wire.ts'

/** Sends bytes before anything else flows; `Inbound.say` says how. */
export function say(wire: Wire, bytes: Uint8Array, deadline: number): Promise<void> {
  const { stream } = wire
  if (wire.isClosed) return Promise.reject(lossError(wire.fault))
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      clearTimeout(timer)
      stream.off('close', onClose)
      if (error) reject(error)
      else resolve()
    }
    const timer = startTimer(deadline, () => end(untaken()))
    const onClose = (): void => end(lossError(wire.fault))
    stream.on('close', onClose)
    // What fails here closes the stream, too, and that is told as what befell the connection.
    stream.write(bytes, (error) => !error && end())
  })
}

/** The client does not read. */
export function untaken(): TransportError {
  return new TransportError('timeout', 'the client did not take in time what was said to it')
}
