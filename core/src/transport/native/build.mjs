import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { addonPath, compiledFiles, sourcesDigest } from './sources.mjs'

/**
 * Builds the native transport, at install and by `npm run build:native`. Where that cannot be done it says why and
 * ends well all the same: without the addon the portable transport serves.
 *
 * Options: --sanitize builds a variant with AddressSanitizer and UndefinedBehaviorSanitizer beside it;
 * --arm64 builds for that processor with a cross compiler; --strict makes a failure an error.
 */

const sanitize = process.argv.includes('--sanitize')
const strict = process.argv.includes('--strict')
const arch = process.argv.includes('--arm64') ? 'arm64' : process.arch
/** A compiler for another processor is known by the name of that. */
const compilers = arch === process.arch ? ['g++', 'clang++', 'c++'] : ['aarch64-linux-gnu-g++']

/** `now`: an addon that lacks a symbol of this Node does not load, instead of failing when it comes to use it. */
const common =
  '-std=c++17 -fPIC -shared -fvisibility=hidden -fno-exceptions -fno-rtti -Wall -Wextra -Wl,-z,now'
const flavour = sanitize
  ? '-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined'
  : '-O2 -fno-plt'

/** @returns {Promise<string | undefined>} why there is no addon */
async function build() {
  if (process.platform !== 'linux') return 'it needs Linux'
  const headers = headersFolder()
  if (headers === undefined) return 'there are no headers of Node'
  const compiler = compilers.find(works)
  if (compiler === undefined) return `there is no C++ compiler (${compilers.join(' or ')})`
  const [failure, missing] = await Promise.all([
    compile('plain', compiler, headers),
    compile('tls', compiler, headers),
  ])
  if (failure === undefined && missing !== undefined) tell(`TLS stays with Node: ${missing}`)
  return failure
}

/**
 * @param {'plain' | 'tls'} kind
 * @param {string} compiler
 * @param {string} headers
 * @returns {Promise<string | undefined>} why it could not be done
 */
async function compile(kind, compiler, headers) {
  const path = addonPath(kind, sanitize ? '.asan' : '', arch)
  mkdirSync(dirname(path), { recursive: true })
  // Renamed when it is whole: a running gateway keeps the file that it has loaded.
  const fresh = `${path}.${process.pid}`
  const defines = ['-D_GNU_SOURCE', '-DNAPI_VERSION=8', `-DKONG_SOURCES="${sourcesDigest()}"`]
  const flags = `${common} ${flavour}`.split(' ')
  const args = [...flags, ...defines, '-I', headers, ...compiledFiles(kind), '-o', fresh]
  const complaint = await run(compiler, args)
  if (complaint !== undefined) return `${compiler} failed: ${firstError(complaint)}`
  renameSync(fresh, path)
  return undefined
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string | undefined>} what it complains of, if it fails
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    child.on('error', (error) => resolve(error.message))
    child.on('close', (status) => resolve(status === 0 ? undefined : text || `status ${status}`))
  })
}

/** Node-API and libuv are the same in every Node from 24 on; the checkout's own comes first. */
function headersFolder() {
  const require = createRequire(import.meta.url)
  const candidates = [join(dirname(process.execPath), '..', 'include', 'node')]
  try {
    const own = require.resolve(`node-linux-${arch}/package.json`)
    candidates.unshift(join(dirname(own), 'include', 'node'))
  } catch {
    // It is optional: the Node that runs this may bring its headers, too.
  }
  return candidates.find((folder) =>
    ['node_api.h', 'uv.h'].every((name) => existsSync(join(folder, name))),
  )
}

/** @param {string} what */
function tell(what) {
  process.stderr.write(`kong-ts: ${what}\n`)
  if (strict) process.exitCode = 1
}

/** @param {string} compiler */
function works(compiler) {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0
}

/** @param {string} text */
function firstError(text) {
  const lines = text.split('\n')
  return lines.find((line) => line.includes('error')) ?? lines[0]
}

let failure
try {
  failure = await build()
} catch (error) {
  failure = error instanceof Error ? error.message : String(error)
}
if (failure !== undefined) {
  tell(`the native transport is not built: ${failure}; the portable one serves`)
}
