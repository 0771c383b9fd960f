import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import { mount, type Mounted } from '@kong-ts/pdk/testing'
import fileLog from '@kong-ts/plugin-file-log'
import httpLog from '@kong-ts/plugin-http-log'
import syslog from '@kong-ts/plugin-syslog'
import tcpLog from '@kong-ts/plugin-tcp-log'
import udpLog from '@kong-ts/plugin-udp-log'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'

/** How many an instance keeps at most, and how many it tries to deliver at once. */
const byNumber = { capacity: 10_000, batch: 1000, length: 0 }
/** Those that keep lines as bytes: 16 MiB, and 1 MiB. */
const byBytes = { capacity: 4096, batch: 256, length: 4095 }
const total = 12_345

interface Sink {
  readonly plugin: Mounted<unknown, unknown>
  readonly records: { push(record: string): void }
  readonly limits: { readonly capacity: number; readonly batch: number; readonly length: number }
  /** Brings the sink back. */
  readonly comeBack: () => Promise<void>
  /** All that it has received. */
  readonly text: () => string
}

const identity = await createSelfSigned({ key: 'ec', commonName: 'localhost', days: 1 })
const trusted = [identity.cert]

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A server that is not there yet, and what it will read. */
async function later(make: (take: (text: string) => void) => Server) {
  const port = await freePort()
  let text = ''
  const server = make((more) => (text += more))
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket.on('error', () => {})))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const comeBack = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { port, comeBack, text: () => text }
}

const reading = (take: (text: string) => void) => (socket: Socket) =>
  void socket.on('data', (chunk) => take(String(chunk)))
const plain = () => later((take) => createServer(reading(take)))
const secure = () => later((take) => createTls(identity, reading(take)))

const sinks: Readonly<Record<string, () => Promise<Sink>>> = {
  'tcp-log': async () => {
    const { port, ...rest } = await plain()
    const plugin = await mount(tcpLog, { host: '127.0.0.1', port })
    return { plugin, records: plugin.state.lines, limits: byBytes, ...rest }
  },
  'tcp-log over TLS': async () => {
    const { port, ...rest } = await secure()
    const config = { host: '127.0.0.1', port, tls: true, tls_sni: 'localhost' }
    const plugin = await mount(tcpLog, config, { trusted })
    return { plugin, records: plugin.state.lines, limits: byBytes, ...rest }
  },
  'syslog over TCP': async () => {
    const { port, ...rest } = await plain()
    const plugin = await mount(syslog, { port, protocol: 'tcp' })
    return { plugin, records: plugin.state.messages, limits: byNumber, ...rest }
  },
  'syslog over TLS': async () => {
    const { port, ...rest } = await secure()
    const config = { port, protocol: 'tls', tls_sni: 'localhost' } as const
    const plugin = await mount(syslog, config, { trusted })
    return { plugin, records: plugin.state.messages, limits: byNumber, ...rest }
  },
  'http-log': async () => {
    const { port, ...rest } = await later((take) =>
      createHttp((request, response) => {
        request.on('data', (chunk) => take(String(chunk))).on('end', () => response.end())
      }),
    )
    const queue = { max_batch_size: byNumber.batch, max_coalescing_delay: 0 }
    const plugin = await mount(httpLog, { http_endpoint: `http://127.0.0.1:${port}`, queue })
    return { plugin, records: plugin.state.records, limits: byNumber, ...rest }
  },
  'http-log over TLS': async () => {
    const { port, ...rest } = await later((take) =>
      createHttps(identity, (request, response) => {
        request.on('data', (chunk) => take(String(chunk))).on('end', () => response.end())
      }),
    )
    const config = {
      http_endpoint: `https://localhost:${port}`,
      queue: { max_batch_size: byNumber.batch, max_coalescing_delay: 0 },
    }
    const plugin = await mount(httpLog, config, { trusted })
    return { plugin, records: plugin.state.records, limits: byNumber, ...rest }
  },
  'file-log': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-sinks-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'logs', 'log')
    mkdirSync(join(folder, 'logs'))
    const plugin = await mount(fileLog, { path, reopen: true })
    rmSync(join(folder, 'logs'), { recursive: true })
    const comeBack = async () => mkdirSync(join(folder, 'logs'))
    const text = () => readFileSync(path, 'utf8')
    return { plugin, records: plugin.state.lines, limits: byBytes, comeBack, text }
  },
}

const metric = (plugin: Mounted<unknown, unknown>, name: string): number =>
  plugin.metrics.series(name).reduce((sum, labels) => sum + plugin.metrics.value(name, labels), 0)

const dropped = (plugin: Mounted<unknown, unknown>): number =>
  plugin.lines.reduce((sum, { fields }) => sum + Number(fields['dropped'] ?? 0), 0)

const serials = (text: string): Set<string> => new Set(text.match(/#\d+#/g))

test.each(Object.entries(sinks))(
  '%s: an outage costs bounded memory and loses what it says it lost',
  async (_name, open) => {
    const { plugin, records, limits, comeBack, text } = await open()
    const { capacity, batch, length } = limits
    for (let serial = 0; serial < total; serial++) {
      records.push(`#${serial}#`.padEnd(length, '.'))
      if (serial === batch / 2) {
        await expect.poll(() => plugin.lines).toHaveLength(1)
        expect(plugin.lines[0]?.message).toMatch(/^cannot deliver; trying again/)
      }
    }
    expect(metric(plugin, 'kong_log_waiting_entries')).toBeLessThanOrEqual(capacity + batch)
    expect(metric(plugin, 'kong_log_failed_deliveries_total')).toBeGreaterThan(0)
    await comeBack()
    await expect.poll(() => metric(plugin, 'kong_log_waiting_entries'), { timeout: 15_000 }).toBe(0)
    const lost = metric(plugin, 'kong_log_dropped_entries_total')
    const sent = metric(plugin, 'kong_log_sent_entries_total')
    expect(lost).toBeGreaterThanOrEqual(total - capacity - batch)
    expect(sent + lost).toBe(total)
    await expect.poll(() => serials(text()).size).toBe(sent)
    // The last ones are there: the oldest were dropped.
    expect(serials(text()).has(`#${total - 1}#`)).toBe(true)
    await plugin.unmount()
    expect(dropped(plugin)).toBe(lost)
  },
  30_000,
)

test.each([
  ['udp-log', (port: number) => mount(udpLog, { host: '127.0.0.1', port })],
  ['syslog over UDP', (port: number) => mount(syslog, { port })],
])('%s: what nobody takes is counted, once, and what somebody takes too', async (_name, open) => {
  const socket = createSocket('udp4')
  const taken: string[] = []
  socket.on('message', (message) => taken.push(String(message)))
  const port = await freePort()
  onTestFinished(() => void socket.close())
  const plugin: Mounted<unknown, unknown> = await open(port)
  for (let count = 0; count < 20; count++) await plugin.connect()
  await expect.poll(() => metric(plugin, 'kong_log_waiting_entries')).toBe(0)
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve))
  // Only with the next datagram is the fate of the last one told.
  await plugin.connect()
  await expect.poll(() => taken).toHaveLength(1)
  await expect.poll(() => metric(plugin, 'kong_log_dropped_entries_total')).toBe(20)
  await expect.poll(() => metric(plugin, 'kong_log_sent_entries_total')).toBe(1)
  await plugin.unmount()
  expect(dropped(plugin)).toBe(20)
})
