import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, until } from './support/gateway.ts'
import { talk } from './support/peers.ts'

const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname

const entry = `import { definePlugin } from '@kong-ts/pdk'
import { change } from './change.ts'
export default definePlugin({
  name: 'mine', version: '1.0.0', priority: 1,
  schema: { type: 'object', properties: { by: { type: 'string' } }, required: ['by'] },
  phases: { proxy: (conn, { config }) => conn.through('upload', change(config.by)) },
})`

/** Puts one word before every chunk. */
const change = (word: string): string => `import { Transform } from 'node:stream'
export const change = (by: string) => new Transform({
  transform: (chunk, _encoding, done) => done(null, \`${word} \${by} \${chunk}\`),
})`

/** With its output in a file, as `kong-ts dev > FILE` has it. */
async function dev(files: Readonly<Record<string, string>>, ...args: string[]) {
  const cwd = temporaryFolder()
  const save = (name: string, text: string) => writeFileSync(join(cwd, name), text)
  for (const [name, text] of Object.entries(files)) save(name, text)
  const log = join(cwd, 'log')
  const temporary = join(cwd, 'temporary')
  mkdirSync(temporary)
  const fd = openSync(log, 'w')
  const child = spawn(command, ['dev', './mine.ts', '--listen', '127.0.0.1:0', ...args], {
    cwd,
    env: { ...process.env, KONG_ACCESS_LOG: 'stdout', TMPDIR: temporary },
    stdio: ['ignore', fd, fd],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const output = () => readFileSync(log, 'utf8')
  const told = (line: RegExp) =>
    until(
      () => line.test(output()) || child.exitCode !== null,
      () => `${line} was not said:\n${output()}`,
    )
  return { save, output, told, child, exited, temporary }
}

test('a plugin is loaded anew on every save, and a connection keeps the version it was born under', async () => {
  const running = await dev({ 'mine.ts': entry, 'change.ts': change('one') }, '--config', 'by=for')
  await running.told(/stream\s+127/)
  const port = Number(/stream\s+127\.0\.0\.1:(\d+)/.exec(running.output())?.[1])
  expect((await talk(port, 'x')).received).toBe('one for x')
  const old = connect(port, '127.0.0.1').setEncoding('utf8')
  onTestFinished(() => void old.destroy())
  old.write('a')
  expect(await once(old, 'data')).toEqual(['one for a'])

  running.save('change.ts', change('two'))
  await running.told(/^mine is swapped, \d+ ms$/m)
  expect((await talk(port, 'x')).received).toBe('two for x')
  old.write('b')
  expect(await once(old, 'data')).toEqual(['one for b'])

  running.save('change.ts', 'export const change = (')
  await running.told(/^mine stays as it was: plugin '.\/mine.ts': cannot be loaded/m)
  expect((await talk(port, 'x')).received).toBe('two for x')
  running.save('change.ts', change('three'))
  await running.told(/swapped[^]*swapped/)
  expect((await talk(port, 'x')).received).toBe('three for x')

  old.destroy()
  running.child.kill('SIGTERM')
  expect(await running.exited).toEqual([0, null])
  const [first, ...rest] = running.output().split('\n')
  expect(first).toBe('mine 1.0.0 runs')
  expect(rest.filter((line) => line.startsWith('{')).length).toBeGreaterThanOrEqual(4)
})

test('what is saved while the gateway starts is swapped in, too', async () => {
  const files = { 'mine.ts': entry, 'change.ts': change('one') }
  const running = await dev(files, '--config', 'by=for')
  // Its folder is there once the plugin was loaded for the first time, long before anything listens.
  await until(
    () => readdirSync(running.temporary).some((name) => name.startsWith('kong-ts-dev-')),
    () => 'it has no folder',
  )
  running.save('change.ts', change('two'))
  await running.told(/stream\s+127/)
  const port = Number(/stream\s+127\.0\.0\.1:(\d+)/.exec(running.output())?.[1])
  await running.told(/^mine is swapped, \d+ ms$/m)
  expect((await talk(port, 'x')).received).toBe('two for x')
})

test.each([
  [['--config', 'by'], /^Error: --config: expected key=value, not 'by'$/m],
  [['--config', 'bye=1'], /^--config bye: unknown field$/m],
  [
    ['--config', 'by=1', '--route', 'sins=a.test'],
    /^Error: --route sins: unknown field\n--route: must set /m,
  ],
])('%j is refused', async (args, why) => {
  const refused = await dev({ 'mine.ts': entry, 'change.ts': change('one') }, ...args)
  expect(await refused.exited).toEqual([1, null])
  expect(refused.output()).toMatch(why)
})
