import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakeWorld, guardListing } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'
import type { World } from './world.ts'

let folder: string
let prefix: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  prefix = join(folder, 'p')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function run(line: string, over: Partial<World> = {}) {
  const world = fakeWorld({ cwd: folder, ...over })
  const code = await runCommandLine(line.split(' ').filter(Boolean), world)
  return { code, out: world.written.join('\n'), err: world.complained.join('\n') }
}

describe('usage', () => {
  test.each([
    'start',
    'stop',
    'quit',
    'reload',
    'restart',
    'health',
    'check',
    'version',
    'plugins',
    'plugins list',
    'plugins show',
    'migrations',
    'migrations up',
    'echo',
  ])('%s has help', async (command) => {
    const { code, out } = await run(`${command} --help`)
    expect(code).toBe(0)
    expect(out).toContain(`Usage: kong-ts ${command}`)
  })

  test('no command at all shows the usage', async () => {
    const { code, err } = await run('')
    expect(code).toBe(1)
    expect(err).toContain('Usage: kong-ts [options] [command]')
  })

  test('an unknown command is named, with the one that was meant', async () => {
    const { code, err } = await run('strat')
    expect(code).toBe(1)
    expect(err).toContain('Usage: kong-ts')
    expect(err).toMatch(/No such command: strat\nDid you mean start\?$/)
    expect((await run('frobnicate')).err).toMatch(/No such command: frobnicate$/)
    const { err: nested } = await run('migrations finsh')
    expect(nested).toMatch(/No such command for migrations: finsh\nDid you mean finish\?$/)
  })

  test('an unknown option is named, with the one that was meant', async () => {
    const { code, err } = await run('health --prefx x')
    expect(code).toBe(1)
    expect(err).toContain("unknown option '--prefx'")
    expect(err).toContain('Did you mean --prefix?')
  })

  test('the version, and what it runs on', async () => {
    expect((await run('version')).out).toMatch(/^\d+\.\d+\.\d+$/)
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { out } = await run('version -a')
    expect(out.split('\n').map((line) => line.split(':')[0])).toEqual([
      'kong-ts',
      'Node.js',
      'OpenSSL',
      'SQLite',
      'V8',
    ])
  })
})

describe('check', () => {
  test('a good file', async () => {
    const file = join(folder, 'kong.conf')
    writeFileSync(file, 'log_level = info\nmem_cache_size = 1m\n')
    const { code, out, err } = await run(`check ${file}`)
    expect({ code, out }).toEqual({ code: 0, out: `configuration at ${file} is valid` })
    expect(err).toContain(`[warn] ${file}:2: mem_cache_size is a setting of Kong's`)
  })

  test('a file with faults, an unknown setting among them', async () => {
    writeFileSync(join(folder, 'kong.conf'), 'log_level = loud\nplugin_timeot = 1s\n')
    const { code, out, err } = await run('check kong.conf')
    const at = join(folder, 'kong.conf')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err.split('\n')).toEqual([
      `[error] ${at}:2: plugin_timeot is not a setting; did you mean plugin_timeout?`,
      expect.stringContaining(`[error] ${at}:1: log_level has an invalid value: 'loud'`),
    ])
  })

  test('a missing file', async () => {
    const { code, err } = await run('check none.conf')
    expect({ code, err }).toEqual({ code: 1, err: `[error] no file at: ${folder}/none.conf` })
  })
})

describe('no running node', () => {
  test.each(['stop', 'quit', 'reload', 'health'])('%s says so', async (command) => {
    mkdirSync(prefix)
    const { code, out, err } = await run(`${command} -p p`)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(`Error: kong-ts is not running at ${prefix}`)
  })

  test('health names a prefix that is not there', async () => {
    expect((await run('health -p p')).err).toBe(`Error: no such prefix: ${prefix}`)
  })

  test('the plugins that the settings name are loaded to be listed and shown', async () => {
    const asked: unknown[] = []
    const over: Partial<World> = {
      env: { KONG_PLUGINS: 'bundled, ./mine.ts' },
      loadPlugins: async (...given) => {
        asked.push(given)
        return [guardListing]
      },
    }
    const { out } = await run('plugins list -p p', over)
    expect(out).toMatch(/@acme\/guard {2}\(not running\)$/)
    expect(asked).toEqual([[['bundled', './mine.ts'], { cwd: folder }]])
    const json: unknown = JSON.parse((await run('plugins list --json', over)).out)
    expect(json).toEqual([{ ...guardListing, enabledOn: null }])
    expect((await run('plugins show guard', over)).out).toContain('Keeps strangers out.')
    expect(await run('plugins show gaurd', over)).toEqual({
      code: 1,
      out: '',
      err: 'Error: No such plugin: gaurd. Did you mean guard?',
    })
  })
})
