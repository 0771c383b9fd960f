import { Readable, Writable } from 'node:stream'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ByteCounts, Direction } from '../contexts.ts'

/** What the taps of the `proxy` phase attached to a direction. */
export interface Lane {
  readonly observers: ((chunk: Uint8Array) => void)[]
  readonly transforms: Transform[]
  /** Bytes per second; undefined: not limited. */
  throttle: number | undefined
}

export type Lanes = { readonly [D in Direction]: Lane }

/** What went through a direction, before and after its transforms. */
export interface Passed {
  received: number
  readonly sent: Buffer[]
}

export interface Relayed {
  readonly upload: Passed
  readonly download: Passed
  readonly error: unknown
}

export function openLane(): Lane {
  return { observers: [], transforms: [], throttle: undefined }
}

/** Before any byte has moved. */
export function stillness(): Relayed {
  return { upload: empty(), download: empty(), error: undefined }
}

/**
 * @param before what a plugin has taken and said before the bytes flowed
 * @param farewell bytes that the gateway itself has said to the client
 */
export function countBytes(
  { upload, download }: Relayed,
  before: { readonly taken: number; readonly said: { readonly length: number } },
  farewell = 0,
): ByteCounts {
  const told = before.said.length + farewell
  return {
    client: { received: upload.received + before.taken, sent: total(download) + told },
    upstream: { received: download.received, sent: total(upload) },
  }
}

function total({ sent }: Passed): number {
  return sent.reduce((sum, { length }) => sum + length, 0)
}

/** Moves the bytes of both directions through what is attached to them; the first error ends both. */
export async function relay(
  lanes: Lanes,
  upload: readonly Buffer[],
  reply: (upload: Uint8Array) => readonly Buffer[],
  repliesAtOnce: boolean,
  passed: Relayed = stillness(),
): Promise<Relayed> {
  const stop = new AbortController()
  const up = pass(lanes.upload, upload, passed.upload, stop)
  const answer = async function* answerWith() {
    if (!repliesAtOnce) await up
    yield* reply(Buffer.concat(passed.upload.sent))
  }
  await Promise.allSettled([up, pass(lanes.download, answer(), passed.download, stop)])
  return { ...passed, error: stop.signal.reason }
}

async function pass(
  { observers, transforms }: Lane,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  passed: Passed,
  stop: AbortController,
): Promise<void> {
  const watched = async function* watch() {
    for await (const chunk of chunks) {
      passed.received += chunk.length
      for (const see of observers) see(chunk)
      yield chunk
    }
  }
  const collect = new Writable({
    write: (chunk: Buffer, _, done) => {
      passed.sent.push(chunk)
      done()
    },
  })
  try {
    await pipeline([Readable.from(watched()), ...transforms, collect], { signal: stop.signal })
  } catch (error) {
    // The first one to fail is the reason why the other direction is aborted.
    stop.abort(isEarly(error) ? new Error(early, { cause: error }) : error)
    throw error
  }
}

const early = 'its transform closed before the end of the stream'

function isEarly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function empty(): Passed {
  return { received: 0, sent: [] }
}
