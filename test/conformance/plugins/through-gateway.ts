import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Line } from '@kong-ts/pdk/testing'
import { fillIn } from '../../../pdk/src/testing/dial.ts'
import {
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from '../../e2e/support/gateway.ts'
import type { Digest } from './digest.ts'
import type { Observation } from './observation.ts'
import { openUpstream, talk, type Upstream } from './peers.ts'
import { plugins } from './plugins.ts'
import { closed, type Case, type Identity, type Place } from './cases.ts'
import { usual } from './through-kit.ts'

const folder = (path: string): string => new URL(`../../../${path}`, import.meta.url).pathname

/** Starts the command with every plugin of the table, each loaded by its path as a stranger's is. */
export async function startWithTable(transport: string): Promise<RunningGateway> {
  const entries = temporaryFolder()
  const paths = [...plugins.keys()].map((name) => {
    const path = join(entries, `${name}.ts`)
    const source = JSON.stringify(new URL('plugins.ts', import.meta.url).href)
    writeFileSync(
      path,
      `import { plugins } from ${source}\nexport default plugins.get('${name}')\n`,
    )
    return path
  })
  const examples = ['sdk-examples/1-maintenance', 'sdk-examples/2-protocol-guard'].map(folder)
  const gateway = await startGateway({
    settings: {
      transport,
      plugins: ['bundled', ...examples, ...paths].join(','),
      log_level: 'info',
      preread_timeout: '1500ms',
    },
  })
  await gateway.create('/plugins', { name: 'witness' })
  return gateway
}

/** A case in the gateway: its servers, its route and its plugin. */
export interface Staged {
  readonly each: Case
  readonly place: Place
  readonly instance: string
  readonly listed: Upstream
  readonly other: Upstream
}

/** Gives a case a client's address, servers, and a route for them alone. */
export async function stage(
  gateway: RunningGateway,
  each: Case,
  index: number,
  identity: Identity,
): Promise<Staged> {
  const from = `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`
  const calls = each.dials.map((dial) => fillIn(dial))
  const { protocol, retries, service } = calls[0]!
  const listed = await openUpstream(identity)
  const other = await openUpstream(identity)
  const port = each.down ? closed.port : listed.port
  const place = {
    from,
    listed: `127.0.0.1:${port}`,
    other: { host: '127.0.0.1', port: other.port },
  }
  const snis = calls.map(({ hello }) => hello?.serverName)
  const route = await gateway.create('/routes', {
    protocols: [protocol],
    sources: [{ ip: from }],
    ...(snis.every((name) => name !== undefined) && { snis: [...new Set(snis)] }),
    ...(service && {
      service: await gateway
        .create('/services', { host: '127.0.0.1', port, protocol: 'tcp', retries })
        .then(({ id }) => ({ id })),
    }),
  })
  const { id } = await gateway.create(each.global ? '/plugins' : `/routes/${route.id}/plugins`, {
    name: each.plugin.name,
    config: each.config(place, identity),
  })
  return { each, place, instance: id, listed, other }
}

/**
 * Runs a case through the gateway, over sockets. What was observed can be told once the gateway has ended: until then
 * a late failure may not be in its log yet.
 */
export async function throughGateway(
  gateway: RunningGateway,
  staged: Staged,
  identity: Identity,
): Promise<(() => Observation)[]> {
  const { each, place, listed, other } = staged
  const dials: (() => Observation)[] = []
  for (const [count, dial] of each.dials.entries()) {
    const call = fillIn({ ...usual, ...dial, from: place.from })
    listed.expect(call)
    other.expect(call)
    const download = await talk(gateway.port, call, each, identity)
    await until(
      () => witnessed(gateway, place.from).length > count,
      () => `${each.title}: nobody heard of the end`,
    )
    const upload = Buffer.concat([await listed.received(), await other.received()])
    const seen = witnessed(gateway, place.from)[count]!
    dials.push(() => observe(gateway, seen, upload, download))
  }
  return dials
}

/** What the plugin of a case has logged. */
export function linesOf(gateway: RunningGateway, { instance }: Staged): Line[] {
  return (
    logged(gateway, instance)
      .filter((line) => line['instance'] === instance)
      // How busy the machine is belongs to no plugin, and the kit has no event loop to hold up.
      .filter(({ msg }) => !msg.startsWith('held up '))
      // A hint to the author, told by the gateway alone.
      .filter((line) => line['code'] !== 'plugin_answered_null')
      .map(
        ({
          level,
          time: _time,
          pid: _pid,
          plugin: _plugin,
          instance: _instance,
          code: _code,
          msg,
          ...fields
        }) => ({ level, fields, message: msg }),
      )
  )
}

interface Logged extends Record<string, unknown> {
  readonly level: Line['level']
  readonly msg: string
}

/** @param mark text of the lines that are meant: most of the output is about other cases */
function logged(gateway: RunningGateway, mark: string): Logged[] {
  return gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"msg"') && line.includes(mark))
    .map((line) => JSON.parse(line))
}

interface Witnessed extends Logged {
  readonly id: string
  readonly from: string
  readonly digest: Digest
}

function witnessed(gateway: RunningGateway, from: string): Witnessed[] {
  return logged(gateway, from).filter(
    (line): line is Witnessed => line['plugin'] === 'witness' && line['from'] === from,
  )
}

function observe(
  gateway: RunningGateway,
  { id, digest }: Witnessed,
  upload: Buffer,
  download: Buffer,
): Observation {
  const failure = logged(gateway, id).find(
    (line) => line['connection'] === id && line['phase'] !== undefined,
  )
  return {
    outcome: outcomeOf(digest.ending),
    upload: upload.toString('latin1'),
    target: digest.target,
    download: download.toString(),
    failure: failure && {
      plugin: String(failure['plugin']),
      phase: String(failure['phase']),
      message: failure.msg,
    },
    digest,
  }
}

function outcomeOf(ending: string): Observation['outcome'] {
  if (['client.closed', 'upstream.closed'].includes(ending)) return 'proxied'
  if (ending.endsWith('.ended')) return 'ended'
  return ending.endsWith('.rejected') ? 'rejected' : 'failed'
}
