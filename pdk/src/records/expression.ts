import type * as Cel from '@marcbachmann/cel-js'
import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js'
import { loadCel } from './load-cel.ts'
import { recordKeys } from './serialize.ts'
import { toPlain } from '../to-plain.ts'

/** What an expression says of a record, as plain data; undefined for nothing. @throws with why there is no value */
export type Expression = (record: Readonly<Record<string, unknown>>) => unknown

/** What an author needs fits, and what is written to cost time does not. */
const longest = 1000
const limits = {
  maxAstNodes: 200,
  maxDepth: 16,
  maxListElements: 64,
  maxMapEntries: 64,
  maxCallArguments: 8,
}

/** Each goes through a list; one after or inside the other multiplies their cost. */
const loops: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'filter',
  'map',
  'split',
])

/** What may be asked for every element of a list: it costs no more than the text that it is about. */
const cheap: ReadonlySet<string> = new Set(
  [
    'has hasValue value or orValue of none dyn type',
    'bool int uint double string bytes size',
    'contains startsWith endsWith indexOf lastIndexOf substring',
    'lowerAscii upperAscii trim',
  ].flatMap((names) => names.split(' ')),
)

/** Elements of a list of the record, for an expression that goes through lists. */
const longestList = 128

/** How often an expression that goes through lists may add: lists, too, grow by it. */
const mostAdditions = 8

/** What comes between the elements of a list comes as often as there are some: a short text only. */
const separated: ReadonlySet<string> = new Set(['join', 'split'])

const unoffered: ReadonlyMap<string, string> = new Map([
  ['matches', 'matches() is not offered: the time of a regular expression has no bound'],
  ['bind', 'cel.bind() is not offered: names for parts let a value grow without bound'],
])

/** What a record leaves out has the value null, so that an expression can ask for it. */
const nothing = Object.fromEntries(recordKeys.map((key) => [key, null]))

let shared: Environment | undefined

/**
 * Reads an expression of CEL, the Common Expression Language, over the keys of a serialized connection. It reaches
 * nothing else, and its cost is bounded: whatever it says, it takes a few milliseconds. A text that is empty means null.
 * @throws with what is wrong with it
 */
export function compileExpression(text: string): Expression {
  if (text.trim() === '') return () => undefined
  const run = parse(text)
  const isLooping = callsIn(run.ast).some(({ name }) => loops.has(name))
  return (record) => {
    if (isLooping) refuseLongLists(record)
    try {
      return toPlain(run({ ...nothing, ...record }))
    } catch (error) {
      throw new Error(sayWhy(error), { cause: error })
    }
  }
}

/** @returns what is wrong with an expression, or nothing */
export function complainOfExpression(text: string): string | undefined {
  try {
    compileExpression(text)
    return undefined
  } catch (error) {
    return sayWhy(error)
  }
}

function parse(text: string): ParseResult {
  if (text.length > longest) throw new Error(`longer than ${longest} characters`)
  shared ??= createEnvironment()
  try {
    const parsed = shared.parse(text)
    refuseCostly(parsed.ast)
    const { error } = parsed.check()
    if (error) throw error
    return parsed
  } catch (error) {
    throw new Error(sayWhere(error), { cause: error })
  }
}

function createEnvironment(): Environment {
  const environment = new (loadCel().Environment)({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits,
  })
  for (const key of recordKeys) environment.registerVariable(key, 'dyn')
  // The numbers of JSON are of one kind; 1024 and 1024.0 are the same to whoever counts bytes.
  for (const [operator, calculate] of Object.entries(mixed)) {
    environment.registerOperator(`double ${operator} int`, calculate)
    environment.registerOperator(`int ${operator} double`, calculate)
  }
  return environment
}

type CelError = Cel.ParseError | Cel.EvaluationError | Cel.TypeError

type Calculate = (left: number | bigint, right: number | bigint) => number

const mixed: Readonly<Record<string, Calculate>> = {
  '+': (left, right) => Number(left) + Number(right),
  '-': (left, right) => Number(left) - Number(right),
  '*': (left, right) => Number(left) * Number(right),
  '/': (left, right) => Number(left) / Number(right),
  '%': (left, right) => Number(left) % Number(right),
}

function refuseCostly(ast: ASTNode): void {
  const calls = callsIn(ast)
  for (const { name, node } of calls) {
    const reason = unoffered.get(name)
    if (reason !== undefined) throw new Error(reason)
    if (separated.has(name) && !hasLiteral(node)) {
      throw new Error(`what ${name}() is given has to be a text in quotes`)
    }
  }
  const looping = calls.filter(({ name }) => loops.has(name))
  if (looping.length > 1) {
    throw new Error(`only one of ${[...loops].join(', ')} is offered in an expression`)
  }
  for (const { name, node } of looping) {
    refuseCostlyInside(name, node)
    if (nodesIn(ast).filter(({ op }) => op === '+').length > mostAdditions) {
      throw new Error(`an expression with ${name}() has more than ${mostAdditions} +`)
    }
  }
}

/** What is asked for every element must not go through a list again. */
function refuseCostlyInside(loop: string, { op, args }: ASTNode): void {
  const [, ...asked] = op === 'rcall' ? args[2] : []
  const costly = callsIn(asked).find(({ name }) => !cheap.has(name))
  if (costly) throw new Error(`${costly.name}() is not offered inside ${loop}()`)
  if (nodesIn(asked).some((node) => node.op === 'in' && node.args[1].op !== 'list')) {
    throw new Error(`inside ${loop}() what stands behind 'in' has to be a list in brackets`)
  }
}

function refuseLongLists(record: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(record)) {
    const lists = [value, ...(typeof value === 'object' && value ? Object.values(value) : [])]
    if (lists.some((list) => Array.isArray(list) && list.length > longestList)) {
      throw new RangeError(`a list in ${key} has more than ${longestList} elements`)
    }
  }
}

interface Call {
  readonly name: string
  readonly node: ASTNode
}

/** All functions that are called, wherever they stand. */
function callsIn(part: unknown): readonly Call[] {
  return nodesIn(part).flatMap((node) =>
    node.op === 'call' || node.op === 'rcall' ? [{ name: node.args[0], node }] : [],
  )
}

function nodesIn(part: unknown): readonly ASTNode[] {
  if (Array.isArray(part)) return part.flatMap(nodesIn)
  return isNode(part) ? [part, ...nodesIn(part.args)] : []
}

function hasLiteral({ op, args }: ASTNode): boolean {
  const [given] = op === 'rcall' ? args[2] : []
  return given === undefined || given.op === 'value'
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part && 'args' in part
}

function sayWhere(error: unknown): string {
  const start = isOfCel(error) ? error.range?.start : undefined
  return start === undefined ? sayWhy(error) : `${sayWhy(error)} (at character ${start + 1})`
}

/** The library's own messages show the expression with a mark below it; one line has to do. */
function sayWhy(error: unknown): string {
  if (isOfCel(error)) return error.summary
  return error instanceof Error ? error.message : String(error)
}

function isOfCel(error: unknown): error is CelError {
  const { ParseError, EvaluationError, TypeError } = loadCel()
  return [ParseError, EvaluationError, TypeError].some((kind) => error instanceof kind)
}
