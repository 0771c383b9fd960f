import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readText } from '../declarative/read-text.ts'
import type { ControlHandlers } from '../node/control/control-contract.ts'
import { serveControl } from '../node/control/control-server.ts'
import { storedConfiguration } from '../node/configuration/stored-configuration.ts'
import { fakeWorld } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-config-'))
  writeFileSync(
    join(folder, 'good.yml'),
    '_format_version: "3.0"\nservices:\n- {name: a, host: h}\n',
  )
  writeFileSync(join(folder, 'bad.yml'), '_format_version: "3.0"\nservices:\n- {name: a}\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function run(line: string, env: Record<string, string> = {}) {
  const world = fakeWorld({ cwd: folder, env, configuration: storedConfiguration(folder) })
  const code = await runCommandLine(line.split(' '), world)
  return { code, out: world.written.join('\n'), err: world.complained.join('\n') }
}

const at = (name: string) => join(folder, name)
const off = { KONG_DATABASE: 'off' }

test('init writes an example that can be loaded, once', async () => {
  expect(await run('config init')).toEqual({ code: 0, out: '', err: '' })
  expect(readText(readFileSync(at('kong.yml'), 'utf8'))).toMatchObject({ _format_version: '3.0' })
  expect(await run('config parse kong.yml')).toMatchObject({ code: 0 })
  expect(await run('config init')).toEqual({
    code: 1,
    out: '',
    err: `Error: ${at('kong.yml')} already exists.\nWill not overwrite it.`,
  })
  expect((await run('config init other.yml')).code).toBe(0)
  expect(existsSync(at('other.yml'))).toBe(true)
})

test('parse says what is wrong', async () => {
  expect(await run('config parse good.yml', off)).toEqual({
    code: 0,
    out: 'parse successful',
    err: '',
  })
  expect(await run('config parse bad.yml')).toEqual({
    code: 1,
    out: '',
    err: "Error: Failed parsing:\nin 'services':\n  - in entry 1 of 'services':\n    in 'host': required field missing",
  })
})

test.each(['parse', 'db_import'])('%s wants a file', async (command) => {
  expect(await run(`config ${command}`)).toEqual({
    code: 1,
    out: '',
    err: 'Error: expected a declarative configuration file; see `kong config --help`',
  })
})

test('what is imported is exported, for its owner alone, and nothing is overwritten', async () => {
  expect(await run('config db_import good.yml')).toEqual({
    code: 0,
    out: 'parse successful, beginning import\nimport successful',
    err: '',
  })
  expect(await run('config db_export out.yml')).toEqual({ code: 0, out: '', err: '' })
  expect(readFileSync(at('out.yml'), 'utf8')).toContain('name: a')
  expect(statSync(at('out.yml')).mode & 0o777).toBe(0o600)
  expect(await run('config db_export out.yml')).toEqual({
    code: 1,
    out: '',
    err: `Error: ${at('out.yml')} already exists. Will not overwrite it.`,
  })
})

test('an import that is refused says so in the words of Kong', async () => {
  await run('config db_import good.yml')
  const id = '0855b320-0dd2-547d-891d-601e9b38647f'
  writeFileSync(
    at('taken.yml'),
    `_format_version: "3.0"\nservices:\n- {id: ${id}, name: a, host: h}\n`,
  )
  expect(await run('config db_import taken.yml')).toMatchObject({
    code: 1,
    err: `Error: Failed importing:\nUNIQUE violation detected on '{name="a"}'`,
  })
  expect((await run('config db_import bad.yml')).err).toMatch(/^Error: Failed parsing:/)
})

test('without a database there is nothing to import into, and nothing to export', async () => {
  expect((await run('config db_import good.yml', off)).err).toBe(
    "Error: 'kong config db_import' only works with a database.\nWhen using database=off, reload your declarative configuration\nusing the /config endpoint.",
  )
  expect((await run('config db_export', off)).err).toBe(
    "Error: 'kong config db_export' only works with a database.",
  )
})

test('a node that runs is asked', async () => {
  const imported: unknown[] = []
  const configuration: ControlHandlers['configuration'] = {
    export: () => 'from: the node\n',
    import: async (...given) => void imported.push(given),
  }
  const control = await serveControl(folder, {
    status: () => ({}),
    plugins: async () => [],
    reload: async () => undefined,
    stop: () => undefined,
    configuration,
  })
  try {
    expect((await run('config db_import good.yml -p .')).out).toMatch(/import successful$/)
    expect(imported).toEqual([[readFileSync(at('good.yml'), 'utf8'), at('good.yml')]])
    expect((await run('config db_export out.yml -p .')).code).toBe(0)
    expect(readFileSync(at('out.yml'), 'utf8')).toBe('from: the node\n')
    configuration.import = () => Promise.reject(new Error('a worker refused'))
    expect((await run('config db_import good.yml -p .')).err).toBe(
      'Error: Failed importing:\na worker refused',
    )
  } finally {
    await control.close()
  }
  expect(existsSync(at('kong.db'))).toBe(false)
})

test('a command that is not there is named', async () => {
  expect((await run('config db_improt')).err).toMatch(
    /No such command for config: db_improt\nDid you mean db_import\?$/,
  )
})
