import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

import { expect, test } from 'vitest'

import { files, isTest, read, root } from './repository.ts'

// A slash or a dot stands apart here, so that this file does not find itself.
const machine = ['work', 'root', 'home'].map((folder) => `/${folder}/`)
const scratch = ['tmp'].map((folder) => `/${folder}/`)
const registries = [
  ['registry', 'npmjs', 'org'],
  ['deb', 'debian', 'org'],
].map((labels) => labels.join('.'))

test('no file names a path of some machine or the host of a registry', () => {
  const found = files().flatMap((path) => {
    const text = read(path)
    // A test may name a scratch file that is never opened, such as the value of a setting.
    const words = [...machine, ...registries, ...(isTest(path) ? [] : scratch)]
    return words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`)
  })
  expect(found).toEqual([])
})

interface Locked {
  readonly resolved?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Readonly<Record<string, Locked>>
}
const locked = Object.entries(packages)

test('the lockfile says what to install and not where from', () => {
  expect(locked.filter(([, { resolved, link }]) => resolved && !link)).toEqual([])
})

test('no dependency needs an install script', () => {
  // The root has one of its own, which builds the native transport where it can.
  const scripted = locked.filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
  expect(scripted).toEqual([])
})

test('the lockfile holds the packages of every platform, without which npm ci refuses it', () => {
  const names = new Set(locked.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13)))
  const absent = locked.flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => !names.has(name))
      .map((name) => `${path}: ${name}`),
  )
  expect(absent).toEqual([])
})

test('the compiler of the checkout is TypeScript 7, whatever stands beside it for older tools', () => {
  const version = execFileSync(`${root}node_modules/.bin/tsc`, ['--version'], { encoding: 'utf8' })
  expect(version).toMatch(/^Version 7\./)
})

test('the top level holds the parts of the design and nothing else', () => {
  const standing = readdirSync(root).filter(
    (name) => !name.startsWith('.') && !['node_modules', 'coverage'].includes(name),
  )
  const allowed = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'core',
    'docs',
    'package-lock.json',
    'package.json',
    'pdk',
    'plugins',
    'sdk-examples',
    'test',
    'tsconfig.json',
  ]
  expect(standing.filter((name) => !allowed.includes(name))).toEqual([])
  expect(allowed.filter((name) => !existsSync(root + name))).toEqual([])
})
