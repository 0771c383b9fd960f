import { TransportError, type Patience, type Peeked } from '../transport.ts'
import { lossError } from './failures.ts'
import { startTimer } from './timer.ts'
import type { Wire } from './wire.ts'

/** Looks at the first bytes of a wire; `Side.peek` says how. */
export function peek(wire: Wire, atLeast: number, patience: Patience): Promise<Peeked> {
  const { stream } = wire
  if (wire.interrupt) return Promise.reject(new Error('one peek at a time'))
  if (wire.isClosed) return Promise.reject(lossError(wire.fault))
  if (wire.heldLength < atLeast) collect(wire)
  if (wire.heldLength >= atLeast || stream.readableEnded) return Promise.resolve(shown(wire))
  if (patience.signal?.aborted) return Promise.reject(cancelled())
  return look(wire, atLeast, patience)
}

/** Takes what the stream has buffered since the last look; only when it is asked for, so that a flood is not hoarded. */
function collect(wire: Wire): void {
  if (wire.stream.readableLength === 0) return
  const chunk: unknown = wire.stream.read()
  if (Buffer.isBuffer(chunk)) wire.hold(chunk)
}

function shown(wire: Wire): Peeked {
  return { bytes: wire.held, ended: wire.stream.readableEnded }
}

function cancelled(): TransportError {
  return new TransportError('cancelled', 'the peek was cancelled')
}

/** Reads until there is enough, and pauses again: beyond that the stream buffers at most its high-water mark. */
function look(wire: Wire, atLeast: number, patience: Patience): Promise<Peeked> {
  return new Promise((resolve, reject) => {
    const { stream } = wire
    const { signal } = patience
    const timer = startTimer(patience.deadline, () => {
      stop()
      reject(new TransportError('timeout', `fewer than ${atLeast} bytes arrived in time`))
    })
    const onData = (chunk: Buffer) => {
      wire.hold(chunk)
      if (wire.heldLength >= atLeast) onEnd()
    }
    const onEnd = () => {
      stop()
      resolve(shown(wire))
    }
    const onClose = () => {
      stop()
      reject(lossError(wire.fault))
    }
    const onAbort = () => {
      stop()
      reject(cancelled())
    }
    const stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      wire.interrupt = undefined
      stream.off('data', onData).off('end', onEnd).off('close', onClose)
      stream.pause()
    }
    wire.interrupt = onAbort
    signal?.addEventListener('abort', onAbort)
    stream.on('data', onData).on('end', onEnd).on('close', onClose)
    stream.resume()
  })
}
