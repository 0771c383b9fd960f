import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { examples, toolFolder } from './checkout.ts'
import { runCommandLine } from './run-command-line.ts'
import { fakeWorld } from './world.fixture.ts'

function world() {
  const cwd = mkdtempSync(join(tmpdir(), 'plugins-new-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const run = async (line: string) => {
    const there = fakeWorld({ cwd })
    const code = await runCommandLine(line.split(' '), there)
    return { code, out: there.written.join('\n'), err: there.complained.join('\n') }
  }
  return { cwd, run }
}

/** In a process of its own, so that what it prints is not taken for the results of this one. */
function runTests(folder: string) {
  const command = fileURLToPath(new URL('../../bin/kong-ts', import.meta.url))
  return spawnSync(command, ['plugins', 'test', folder], { encoding: 'utf8' })
}

const names = readdirSync(examples).filter((name) => /^\d+-/.test(name))

test.each(names)('from %s: a package that compiles, whose tests pass', async (example) => {
  const { cwd, run } = world()
  const made = await run(`plugins new door-keeper --from ${example}`)
  expect(made).toMatchObject({ code: 0, err: '' })
  expect(made.out).toContain('kong-ts plugins test ./door-keeper')
  const folder = join(cwd, 'door-keeper')
  const source = readFileSync(join(folder, 'src/index.ts'), 'utf8')
  expect(source).toContain("name: 'door-keeper'")
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# door-keeper$/m)
  const compiler = join(toolFolder('typescript'), 'bin/tsc')
  const compiled = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
  expect(compiled.stdout).toBe('')
  expect(runTests(folder)).toMatchObject({ status: 0, stderr: '' })
})

test('a failing test is told by the exit code', async () => {
  const { cwd, run } = world()
  await run('plugins new door-keeper')
  rmSync(join(cwd, 'door-keeper/src/index.ts'))
  const failed = runTests(join(cwd, 'door-keeper'))
  expect(failed.status).toBe(1)
  expect(failed.stderr).toContain("Cannot find module './index.ts'")
  const nowhere = await run('plugins test nowhere')
  expect(nowhere.code).toBe(1)
  expect(nowhere.err).toMatch(/^Error: there is no folder .*nowhere$/)
})

test.each([
  ['Door', /'Door' is no name for a plugin/],
  ['rate-limiting', /rate-limiting is the name of a bundled plugin/],
  ['door --from mantenance', /there is no example mantenance.* Did you mean maintenance\?$/],
])('plugins new %s is refused', async (line, why) => {
  const { cwd, run } = world()
  const refused = await run(`plugins new ${line}`)
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(why)
  expect(readdirSync(cwd)).toEqual([])
})

test('what is there already is left alone', async () => {
  const { run } = world()
  await run('plugins new door-keeper')
  const again = await run('plugins new door-keeper')
  expect(again.code).toBe(1)
  expect(again.err).toMatch(/door-keeper is not empty; name another folder with --in$/)
  expect(await run('plugins new door-keeper --in other')).toMatchObject({ code: 0 })
})
