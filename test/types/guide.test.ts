import * as pdk from '@kong-ts/pdk'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiler, root, scratch } from './pdk-api.ts'

const guide = readFileSync(join(root, 'pdk/README.md'), 'utf8')

/** The code of the author's guide: each block is a file that its first line names. */
const blocks = [...guide.matchAll(/^```ts\n(?:\/\/ (\S+)\n)?(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => ({ name, text }),
)

let folder: string
beforeAll(() => {
  folder = scratch('guide-')
  mkdirSync(join(folder, 'src'))
  for (const { name, text } of blocks) writeFileSync(join(folder, 'src', name), text)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('every block of the guide is a file of its own', () => {
  const names = blocks.map(({ name }) => name)
  expect(names.length).toBeGreaterThan(5)
  expect(names.filter((name) => !name.endsWith('.ts'))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
})

test('the guide names every class that plugins may make use of', () => {
  const classes = Object.keys(pdk).filter((name) => /^[A-Z]/.test(name))
  expect(classes).toContain('FollowedSource')
  expect(classes.filter((name) => !guide.includes(name))).toEqual([])
})

test('the guide compiles', () => {
  const config = join(folder, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['src'] }))
  const said = spawnSync(process.execPath, [compiler, '-p', config], { encoding: 'utf8' })
  expect(said.stdout).toBe('')
  expect(said.status).toBe(0)
})

test('the tests of the guide pass, and its plugins can be loaded', () => {
  const command = join(root, 'core/bin/kong-ts')
  const tested = spawnSync(command, ['plugins', 'test', folder], { encoding: 'utf8' })
  expect(tested).toMatchObject({ status: 0, stderr: '' })
  const plugins = blocks.map(({ name }) => name).filter((name) => !name.includes('.test.'))
  const env = { ...process.env, KONG_PLUGINS: plugins.map((name) => `./src/${name}`).join(',') }
  const listed = execFileSync(command, ['plugins', 'list', '--json'], { cwd: folder, env })
  expect(JSON.parse(listed.toString())).toHaveLength(plugins.length)
})
