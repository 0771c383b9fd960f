import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openTarget } from './open-target.ts'

test('a file is made, appended to and known again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'open-target-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'log')
  const [one, two] = [await openTarget(path), await openTarget(path)]
  expect(await one.write(Buffer.from('xone\n'), 1, 4)).toBe(4)
  expect(await two.write(Buffer.from('two\n'), 0, 4)).toBe(4)
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
  expect(one.isPipe).toBe(false)
  expect([one.dev, one.ino]).toEqual([two.dev, two.ino])
  await Promise.all([one.close(), two.close()])
})

test.each(['stdout', 'stderr'] as const)(
  '%s is written to though it is a socket, and stays open',
  async (name) => {
    const script = `
      import { openTarget } from ${JSON.stringify(new URL('open-target.ts', import.meta.url).href)}
      const target = await openTarget('/dev/${name}')
      await target.write(Buffer.from('one,'), 0, 4)
      await target.close()
      process.${name}.write(String(target.isPipe))
    `
    // Node makes such pipes of sockets, which cannot be opened by name.
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let text = ''
    child[name].on('data', (chunk) => (text += String(chunk)))
    await new Promise((resolve) => child.once('close', resolve))
    expect(text).toBe('one,true')
  },
)
