import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ControlHandlers } from '../node/control/control-contract.ts'
import { serveControl } from '../node/control/control-server.ts'
import { claimPrefix, type PrefixClaim } from '../node/prefix.ts'
import { fakeWorld, guardListing } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'
import type { World } from './world.ts'

let folder: string
let prefix: string
let node: { readonly claim: PrefixClaim; close(): Promise<void> } | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  prefix = join(folder, 'p')
})
afterEach(async () => {
  await node?.close()
  node = undefined
  rmSync(folder, { recursive: true })
})

async function run(line: string, over: Partial<World> = {}) {
  const world = fakeWorld({ cwd: folder, ...over })
  const code = await runCommandLine(line.split(' ').filter(Boolean), world)
  return { code, out: world.written.join('\n'), err: world.complained.join('\n') }
}

/** What a running gateway is to the command: a claim and a control socket. */
async function runNode(over: Partial<ControlHandlers> = {}): Promise<void> {
  const claim = claimPrefix(prefix)
  const control = await serveControl(prefix, {
    status: () => ({}),
    plugins: async () => [guardListing],
    reload: async () => undefined,
    configuration: { export: () => '', import: async () => undefined },
    stop: () => claim.release(),
    ...over,
  })
  node = {
    claim,
    async close() {
      await control.close()
      claim.release()
    },
  }
}

test('a node is healthy until it stops', async () => {
  let ready = true
  await runNode({ status: () => ({ ready }) })
  const { code, out } = await run('health -p p')
  expect({ code, out }).toEqual({ code: 0, out: `kong-ts is healthy at ${prefix}` })
  expect((await run('health', { env: { KONG_PREFIX: prefix } })).code).toBe(0)
  ready = false
  const stopping = await run('health -p p')
  expect(stopping).toEqual({ code: 1, out: '', err: `Error: kong-ts is stopping at ${prefix}` })
})

test('a node reloads, or says why not', async () => {
  let reloads = 0
  await runNode({
    reload: async () => {
      reloads += 1
      if (reloads > 1) throw new Error('the store is away')
    },
  })
  expect(await run('reload -p p')).toEqual({ code: 0, out: 'kong-ts reloaded', err: '' })
  expect(await run('reload -p p')).toEqual({ code: 1, out: '', err: 'Error: the store is away' })
})

test('a node stops, and stop waits until it is gone', async () => {
  const wishes: unknown[] = []
  await runNode({
    stop(...wish) {
      wishes.push(wish)
      setTimeout(() => {
        wishes.push('gone')
        node?.claim.release()
      }, 60)
    },
  })
  expect(await run('stop -p p')).toEqual({ code: 0, out: 'kong-ts stopped', err: '' })
  expect(wishes).toEqual([['stop', undefined], 'gone'])
})

test('a node quits in order, or when its time is up', async () => {
  const wishes: unknown[] = []
  await runNode({
    stop(...wish) {
      wishes.push(wish)
      node?.claim.release()
    },
  })
  expect((await run('quit -p p -t 1m')).out).toBe('kong-ts stopped (gracefully)')
  await node?.close()
  await runNode({
    stop(...wish) {
      wishes.push(wish)
      setTimeout(() => node?.claim.release(), 60)
    },
  })
  expect((await run('quit -p p -t 50ms')).out).toBe('Timeout, kong-ts stopped forcefully')
  expect(wishes).toEqual([
    ['quit', 60_000],
    ['quit', 50],
  ])
  expect((await run('quit -t soon')).code).toBe(1)
})

test('a node lists its plugins and where they are enabled', async () => {
  await runNode()
  const { out } = await run('plugins list -p p')
  expect(out.split('\n')).toEqual([
    'NAME   VERSION  PRIORITY  PHASES          PROTOCOLS  FROM         ENABLED ON',
    'guard  1.2.0    900       accept,preread  tcp,tls    @acme/guard  global, route ssh',
  ])
  expect(JSON.parse((await run('plugins list --json -p p')).out)).toEqual([guardListing])
})
