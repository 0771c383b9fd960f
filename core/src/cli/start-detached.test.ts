import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isClaimed } from '../node/prefix.ts'
import { fakeWorld } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'

let folder: string
let entry: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'detached-'))
  entry = join(folder, 'entry.mjs')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const node = join(import.meta.dirname, '../node')

/** A process that is to the command what a gateway is: it claims the prefix and serves the control socket. */
const gateway = `
  import { claimPrefix } from ${JSON.stringify(join(node, 'prefix.ts'))}
  import { serveControl } from ${JSON.stringify(join(node, 'control/control-server.ts'))}
  try {
    const prefix = process.env.KONG_PREFIX
    const claim = claimPrefix(prefix)
    console.log(JSON.stringify(process.argv.slice(2)))
    await serveControl(prefix, {
      status: () => ({}),
      plugins: async () => [],
      reload: async () => undefined,
      stop: () => { claim.release(); process.exit(0) },
    })
  } catch (error) {
    console.error('Error: ' + error.message)
    process.exit(1)
  }`

function worldOf(script: string) {
  writeFileSync(entry, script)
  const prefix = join(folder, 'p')
  const world = fakeWorld({ cwd: folder, entry, env: { ...process.env, KONG_PREFIX: prefix } })
  return { world, prefix }
}

test('a node in the background outlives the command, and can be stopped by another', async () => {
  const { world, prefix } = worldOf(gateway)
  expect(await runCommandLine(['start', '--detach', '--v'], world)).toBe(0)
  expect(world.written).toEqual(['kong-ts started'])
  expect(isClaimed(prefix)).toBe(true)
  expect(readFileSync(join(prefix, 'logs/access.log'), 'utf8')).toBe('["start","--quiet","--v"]\n')

  const again = worldOf(gateway).world
  expect(await runCommandLine(['start', '--detach'], again)).toBe(1)
  expect(again.complained).toEqual([`Error: kong-ts is already running in ${prefix}`])

  const restart = worldOf(gateway).world
  expect(await runCommandLine(['restart', '--detach'], restart)).toBe(0)
  expect(restart.written).toEqual(['kong-ts stopped', 'kong-ts started'])

  expect(await runCommandLine(['stop'], world)).toBe(0)
  expect(isClaimed(prefix)).toBe(false)
})

test('a node that does not come up is told in its own words, without those of an earlier one', async () => {
  const first = worldOf("console.error('Error: the port is taken\\nin two lines'); process.exit(1)")
  expect(await runCommandLine(['start', '--detach'], first.world)).toBe(1)
  expect(first.world.complained).toEqual(['Error: the port is taken\nin two lines'])
  const second = worldOf('process.exit(7)')
  expect(await runCommandLine(['start', '--detach'], second.world)).toBe(1)
  expect(second.world.complained).toEqual(['Error: ended (7)'])
})
