import { fork, type ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Awaitable, Instance, Kit, Plugin, Summary } from '@kong-ts/pdk'
import { serialize, type Serializable } from '@kong-ts/pdk/host'
import { mount } from '@kong-ts/pdk/testing'
import type { SinkWord } from './log-sink.child.ts'

/** Connections that end in one turn of the event loop: what a busy worker sees. */
const together = 10
/** Fewer than wait in a queue, so that nothing is dropped. */
const wave = 5000
/** Milliseconds without a byte after which all are said to have arrived. */
const quiet = 200

/** Where a plugin's lines arrive, in bytes. */
export interface Sink {
  readonly port: number
  taken(): number
  close(): void
}

export async function openSink(kind: 'tcp' | 'udp' | 'http'): Promise<Sink> {
  const path = new URL('log-sink.child.ts', import.meta.url).pathname
  const child: ChildProcess = fork(path, [kind])
  let taken = 0
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.on('message', (word: SinkWord) => {
      taken = word.taken ?? taken
      if (word.port !== undefined) resolve(word.port)
    })
  })
  return { port, taken: () => taken, close: () => child.disconnect() }
}

export function fileSink(path: string): Sink {
  return {
    port: 0,
    taken: () => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    close: () => undefined,
  }
}

export interface Cost {
  /** Of processor time for a connection, in all threads of the process. */
  readonly microseconds: number
  readonly bytes: number
  /** What the plugin complained of. */
  readonly complaints: readonly string[]
}

/** What it costs to log so many connections, until the last has arrived. */
export async function measure<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  config: NoInfer<In>,
  sink: Sink,
  connections: number,
): Promise<Cost> {
  let kit: Kit<Config> | undefined
  const setup = (given: Kit<Config>): Awaitable<State> => {
    kit = given
    return plugin.setup?.(given) as Awaitable<State>
  }
  const mounted = await mount<Config, State, In>({ ...plugin, setup }, config)
  if (kit === undefined) throw new Error('a plugin that is mounted is set up')
  const self: Instance<Config, State> = { ...kit, state: mounted.state }
  const before = sink.taken()
  const begun = process.cpuUsage()
  for (let done = 0; done < connections;) {
    for (const end = Math.min(done + wave, connections); done < end; done++) {
      void plugin.phases.log?.(summary, self)
      if (done % together === 0) await turn()
    }
    await settle(sink)
  }
  const { user, system } = process.cpuUsage(begun)
  await mounted.unmount()
  return {
    microseconds: (user + system) / connections,
    bytes: (sink.taken() - before) / connections,
    complaints: mounted.lines.map(({ message }) => message),
  }
}

async function settle(sink: Sink): Promise<void> {
  let last = -1
  while (last !== sink.taken()) {
    last = sink.taken()
    await sleep(quiet)
  }
}

const route = {
  id: '04b6f118-5820-456b-acfc-743a53ec1ecf',
  name: 'postgres',
  created_at: 1_795_352_288,
  updated_at: 1_795_352_288,
  protocols: ['tls'],
  tags: null,
  snis: ['db.example'],
  sources: null,
  destinations: null,
  service: { id: '71c80151-8e20-434a-a9e7-414b3db429e5' },
  regex_priority: 0,
  strip_path: true,
  preserve_host: false,
  path_handling: 'v0',
}
const service = {
  id: '71c80151-8e20-434a-a9e7-414b3db429e5',
  name: 'db',
  created_at: 1_795_352_288,
  updated_at: 1_795_352_288,
  protocol: 'tcp',
  host: 'db.internal',
  port: 5432,
  retries: 5,
  connect_timeout: 60_000,
  read_timeout: 60_000,
  write_timeout: 60_000,
  tags: null,
  enabled: true,
}
const target = { host: '10.0.0.1', port: 5432 }
const facts: Serializable = {
  id: '1',
  client: { address: '192.0.2.77', port: 40_000 },
  listener: { address: '192.0.2.1', port: 5432 },
  startedAt: 1_795_352_308_882,
  route,
  service,
  protocol: 'tls',
  hello: {
    serverName: 'db.example',
    alpn: [],
    ja4: 't13d1516h2_8daaf6152771_b186095e22b6',
    ja3: '',
  },
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  target,
  tries: [{ ...target, ip: '10.0.0.1', startedAt: 1_795_352_308_886, duration: 0.482 }],
  ending: 'client.closed',
  reason: undefined,
  status: 200,
  bytes: { client: { received: 1234, sent: 5678 }, upstream: { received: 5678, sent: 1234 } },
  latencies: { session: 1042, kong: 3 },
  revision: 5,
}
const summary: Summary = {
  ...facts,
  set: () => undefined,
  get: () => undefined,
  serialize: () => serialize(facts),
}
