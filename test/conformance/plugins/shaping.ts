import { slot, type Plugin } from '@kong-ts/pdk'
import { PassThrough, Transform, type TransformCallback } from 'node:stream'
import { note } from './digest.ts'
import { smallPlugin } from './small-plugin.ts'

type Change = (chunk: Buffer, done: TransformCallback) => void

const changing = (change: Change, flush?: (done: TransformCallback) => void): Transform =>
  new Transform({
    transform: (chunk: Buffer, _, done) => change(chunk, done),
    ...(flush && { flush }),
  })

const doubling = (): Transform =>
  changing((chunk, done) => done(null, Buffer.concat([chunk, chunk])))
const bracketing = (): Transform => {
  let opened = false
  return changing(
    (chunk, done) => {
      done(null, opened ? chunk : Buffer.concat([Buffer.from('['), chunk]))
      opened = true
    },
    (done) => done(null, ']'),
  )
}
const swallowing = (): Transform => changing((_, done) => done())
const failing = (): Transform => changing((_, done) => done(new Error('not these bytes')))

const throwing = (): Transform => changing(() => unseemly('bytes'))
const throwingAtEnd = (): Transform =>
  changing(
    (chunk, done) => done(null, chunk),
    () => unseemly('end'),
  )
function unseemly(what: string): never {
  throw new Error(`unseemly ${what}`)
}

const heard = slot<Buffer[]>('conformance-heard')

export const shaping: readonly Plugin[] = [
  smallPlugin('observes', {
    proxy(conn) {
      const chunks: Buffer[] = []
      conn.set(heard, chunks)
      conn.observe('upload', (chunk) => void chunks.push(Buffer.from(chunk)))
      conn.observe('download', (chunk) => void chunks.push(Buffer.from(chunk)))
    },
    log: (summary, { log }) =>
      log.info({ heard: Buffer.concat(summary.get(heard) ?? []).toString('latin1') }, 'observed'),
  }),
  ...(['upload', 'download'] as const).flatMap((direction) => [
    smallPlugin(`doubles-${direction}`, { proxy: (conn) => conn.through(direction, doubling()) }),
    smallPlugin(`brackets-${direction}`, {
      proxy: (conn) => conn.through(direction, bracketing()),
    }),
    smallPlugin(`swallows-${direction}`, {
      proxy: (conn) => conn.through(direction, swallowing()),
    }),
    smallPlugin(`fails-${direction}`, { proxy: (conn) => conn.through(direction, failing()) }),
    smallPlugin(`bursts-${direction}`, { proxy: (conn) => conn.through(direction, throwing()) }),
    smallPlugin(`bursts-at-end-${direction}`, {
      proxy: (conn) => conn.through(direction, throwingAtEnd()),
    }),
    smallPlugin(`hangs-up-${direction}`, {
      proxy(conn) {
        const early = new PassThrough()
        conn.observe(direction, () => early.destroy())
        conn.through(direction, early)
      },
    }),
    smallPlugin(`sees-and-throws-${direction}`, {
      proxy: (conn) =>
        conn.observe(direction, () => {
          throw new Error(`unseemly ${direction}`)
        }),
    }),
  ]),
  smallPlugin('doubles-then-brackets', {
    proxy(conn) {
      conn.through('upload', doubling())
      conn.through('upload', bracketing())
    },
  }),
  smallPlugin('sees-what-came', {
    proxy(conn) {
      conn.through('upload', doubling())
      conn.observe('upload', (chunk) => conn.set(note, Buffer.from(chunk).toString('latin1')))
    },
  }),
  smallPlugin('attaches-late', {
    async proxy(conn) {
      await Promise.resolve()
      conn.through('download', doubling())
    },
  }),
  smallPlugin('attaches-then-throws', {
    proxy(conn) {
      conn.through('upload', doubling())
      throw new Error('changed my mind')
    },
  }),
  smallPlugin('throttles', {
    proxy(conn) {
      conn.throttle('upload', 1_000_000)
      conn.throttle('download', 1_000_000)
    },
  }),
  smallPlugin('throttles-to-nothing', { proxy: (conn) => conn.throttle('upload', 0) }),
  smallPlugin('unthrottles', {
    proxy(conn) {
      conn.throttle('upload', 1)
      conn.throttle('upload', undefined)
    },
  }),
  smallPlugin('draws-from-a-rate', {
    proxy(conn, { buckets }) {
      conn.draw('upload', buckets.rate('upload', 1_000_000))
      conn.draw('download', buckets.rate('download', 1_000_000, 2_000_000))
    },
  }),
  smallPlugin('draws-what-it-grants', {
    proxy(conn, { buckets }) {
      const allowance = buckets.allowance(2, () => allowance.grant(3))
      conn.draw('upload', allowance)
      conn.draw('download', allowance)
    },
  }),
  smallPlugin('draws-and-ends', {
    proxy(conn, { buckets }) {
      const allowance = buckets.allowance(0, () => allowance.end('no more'))
      allowance.grant(3)
      conn.draw('upload', allowance)
    },
  }),
  smallPlugin('draws-nothing', {
    proxy: (conn) => conn.draw('upload', { left: 1 }),
  }),
]
