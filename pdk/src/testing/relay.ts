import { Readable, Writable } from 'node:stream'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ByteCounts, Direction } from '../contexts.ts'
import type { Drawer, Drawn } from './local-buckets.ts'

/** What the taps of the `proxy` phase attached to a direction. */
export interface Lane {
  readonly observers: ((chunk: Uint8Array) => void)[]
  readonly transforms: Transform[]
  /** Bytes per second; undefined: not limited. */
  throttle: number | undefined
  readonly draws: Drawn[]
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
  return { observers: [], transforms: [], throttle: undefined, draws: [] }
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

/**
 * Moves the bytes of both directions through what is attached to them; the first error ends both.
 * @param ended what ends them when a plugin does so through a bucket
 */
export async function relay(
  lanes: Lanes,
  upload: readonly Buffer[],
  reply: (upload: Uint8Array) => readonly Buffer[],
  repliesAtOnce: boolean,
  passed: Relayed = stillness(),
  ended: (reason: string) => Error = (reason) => new Error(reason),
): Promise<Relayed> {
  const stop = new AbortController()
  const drawer: Drawer = { end: (reason) => stop.abort(ended(reason)) }
  const draws = [...lanes.upload.draws, ...lanes.download.draws]
  for (const bucket of draws) bucket.join(drawer)
  const up = pass(lanes.upload, upload, passed.upload, stop, drawer)
  const answer = async function* answerWith() {
    if (!repliesAtOnce) await up
    yield* reply(Buffer.concat(passed.upload.sent))
  }
  await Promise.allSettled([up, pass(lanes.download, answer(), passed.download, stop, drawer)])
  for (const bucket of draws) bucket.leave(drawer)
  return { ...passed, error: stop.signal.reason }
}

async function pass(
  { observers, transforms, draws }: Lane,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  passed: Passed,
  stop: AbortController,
  drawer: Drawer,
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
      const drawing = draw({ draws, drawer }, chunk, passed)
      // oxlint-disable-next-line promise/no-callback-in-promise -- a stream is told by a callback
      void drawing.then(() => done(), done)
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

/** As much at a time as every bucket has. */
async function draw(
  { draws, drawer }: { readonly draws: readonly Drawn[]; readonly drawer: Drawer },
  chunk: Buffer,
  { sent }: Passed,
): Promise<void> {
  const [first, ...others] = draws
  if (!first) return void sent.push(chunk)
  for (const bucket of others) await takeAll(bucket, chunk.length, drawer)
  for (let rest = chunk; rest.length > 0;) {
    const taken = await first.take(rest.length, drawer)
    sent.push(rest.subarray(0, taken))
    rest = rest.subarray(taken)
  }
}

async function takeAll(bucket: Drawn, bytes: number, drawer: Drawer): Promise<void> {
  for (let left = bytes; left > 0;) left -= await bucket.take(left, drawer)
}

const early = 'its transform closed before the end of the stream'

function isEarly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function empty(): Passed {
  return { received: 0, sent: [] }
}
