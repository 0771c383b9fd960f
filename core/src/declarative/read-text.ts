import { extname } from 'node:path'
import { isScalar, LineCounter, parseDocument, visit as visitNodes } from 'yaml'
import type { Document } from 'yaml'
import { messageOf } from '../errors/message-of.ts'
import { isFields } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { unreadable } from './declarative-error.ts'
import type { DeclarativeError } from './declarative-error.ts'
import { yamlWords } from './yaml-words.ts'

/** Levels of nesting: a service, its routes, their plugins and a plugin's own settings are about a dozen. */
const maxDepth = 64
/** Values once every alias is written out: a hundred thousand routes are two million. */
const maxValues = 10_000_000
/** The same after one anchor: aliases within aliases multiply, so this keeps a page from becoming a library. */
const maxAliases = 1_000_000
/** Keys that reach into a prototype when a program copies them carelessly. */
const dangerous = new Set(['__proto__', 'constructor', 'prototype'])
const failed = 'failed parsing declarative configuration'

/**
 * Reads a document: JSON or YAML by the name of its file; without one whatever it is.
 * @throws DeclarativeError for anything but an object
 */
export function readText(text: string, file?: string): Fields {
  const kind = kindOf(file)
  const json = kind === 'yaml' ? undefined : readJson(text, kind === 'json')
  const value = json ?? readYaml(text)
  if (!isFields(value)) throw unreadable(`${failed}: expected an object`)
  checkDocument(value)
  return value
}

function kindOf(file: string | undefined): 'json' | 'yaml' | undefined {
  if (file === undefined) return undefined
  const kind = extname(file).toLowerCase()
  if (kind === '.json') return 'json'
  if (kind === '.yml' || kind === '.yaml') return 'yaml'
  throw unreadable(`unknown file type: ${file}. (Accepted types: json, yaml)`)
}

/** Undefined for what may be YAML instead. */
function readJson(text: string, only: boolean): unknown {
  if (!only && !/^\s*\{/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (only) throw unreadable(`${failed}: ${withoutQuote(messageOf(error))}`)
    return undefined
  }
}

function readYaml(text: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'core',
    merge: true,
    customTags: yamlWords,
    stringKeys: true,
    // It compares each key with every other one: hours for a document of 10 MiB.
    uniqueKeys: false,
    // They quote the line, and a document holds private keys.
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  })
  const [error] = document.errors
  if (error !== undefined) throw unreadableAt(withoutQuote(error.message), lines, error.pos[0])
  refuseTwins(document, lines)
  try {
    return document.toJS({ maxAliasCount: maxAliases })
  } catch (cause) {
    throw unreadable(`${failed}: ${messageOf(cause)}`)
  }
}

/** Nobody could tell which of two values of a key is meant. */
function refuseTwins(document: Document, lines: LineCounter): void {
  visitNodes(document, {
    Map: (_name, { items }) => {
      const known = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (known.has(key.value)) {
          throw unreadableAt('Map keys must be unique', lines, key.range?.[0] ?? 0)
        }
        known.add(key.value)
      }
    },
  })
}

function unreadableAt(why: string, lines: LineCounter, offset: number): DeclarativeError {
  const { line, col } = lines.linePos(offset)
  return unreadable(`${failed}: ${why} at line ${line}, column ${col}`)
}

/** What a parser says, without the piece of the text that it adds. */
function withoutQuote(message: string): string {
  return message
    .replace(/: .*$/s, '')
    .replace(/, (?:\.\.\.)?".*" is not valid JSON$/s, ' is not valid JSON')
}

/**
 * Refuses what no document may hold. What aliases share counts as often as it is read: nobody may unfold a small text
 * into all the memory there is.
 * @throws DeclarativeError
 */
export function checkDocument(whole: Fields): void {
  let values = 0
  const visit = (value: unknown, depth: number): void => {
    if (++values > maxValues) throw unreadable(`${failed}: it holds too many values`)
    if (typeof value !== 'object' || value === null) return
    if (depth === maxDepth) {
      throw unreadable(`${failed}: it is nested more than ${maxDepth} levels deep`)
    }
    for (const key of Array.isArray(value) ? [] : Object.keys(value)) refuseKey(key)
    for (const item of Object.values(value)) visit(item, depth + 1)
  }
  visit(whole, 0)
}

function refuseKey(key: string): void {
  if (dangerous.has(key)) throw unreadable(`${failed}: the key '${key}' is not allowed`)
}
