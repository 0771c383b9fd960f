import { readFile } from 'node:fs/promises'
import { DeclarativeError } from '../../declarative/declarative-error.ts'
import { describeFaults } from '../../declarative/describe-faults.ts'
import { exportRows } from '../../declarative/export-rows.ts'
import { emptyHash, hashDocument } from '../../declarative/hash-document.ts'
import { declare, planDeclaration } from '../../declarative/plan-declarative.ts'
import type { Declaration } from '../../declarative/plan-declarative.ts'
import { readTextAside } from '../../declarative/read-aside.ts'
import { runStepsApart } from '../../declarative/run-steps.ts'
import type { PlanContext } from '../../entities/context.ts'
import type { Fields } from '../../entities/fields.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Settings } from '../../settings/schema.ts'
import type { MemoryStore } from '../../store/memory-store.ts'
import type { Node } from '../node.ts'

/** It is served now; it was served already; or another one is just being loaded. */
export type LoadOutcome = 'loaded' | 'unchanged' | 'busy'

/** A configuration that was found right, and its hash. */
export interface Declared extends Declaration {
  readonly hash: string
}

type DeclarativeSettings = Pick<Settings, 'declarative_config' | 'declarative_config_string'>

/** The configuration of a node without a database: it is replaced as a whole, by documents. */
export class DeclarativeConfig {
  readonly #node: Pick<Node, 'entities' | 'write'>
  readonly #store: Pick<MemoryStore, 'hash' | 'save'>
  readonly #context: PlanContext
  #hash: string
  #loading = false

  constructor(
    node: Pick<Node, 'entities' | 'write'>,
    store: Pick<MemoryStore, 'hash' | 'save'>,
    context: PlanContext,
  ) {
    this.#node = node
    this.#store = store
    this.#context = context
    this.#hash = store.hash
  }

  /** Of the document that is served; all zeros while there is none. */
  get hash(): string {
    return this.#hash
  }

  /** Why nobody is to send connections here, in Kong's words. */
  get unready(): string | undefined {
    return this.#hash === emptyHash
      ? 'no configuration available (empty configuration present)'
      : undefined
  }

  /** What is served, as a document. */
  export(): string {
    return exportRows(this.#node.entities, this.#context)
  }

  /**
   * Serves a document, given as text or read, instead of what was served: all of it or, when it throws, nothing.
   * @throws DeclarativeError with everything that is wrong; EntityError when a worker refuses
   */
  async load(
    document: string | Fields,
    { unlessSame }: { readonly unlessSame: boolean },
  ): Promise<LoadOutcome> {
    if (unlessSame && hashDocument(document) === this.#hash) return 'unchanged'
    return this.#alone(async () => {
      await this.#serve(await declareDocument(document, this.#context))
    })
  }

  /** Serves what was declared before. @throws Error while another one is being loaded */
  async serve(declared: Declared): Promise<void> {
    const outcome = await this.#alone(() => this.#serve(declared))
    if (outcome === 'busy') throw new Error('another configuration is being loaded')
  }

  async #alone(load: () => Promise<void>): Promise<LoadOutcome> {
    if (this.#loading) return 'busy'
    this.#loading = true
    try {
      await load()
      return 'loaded'
    } finally {
      this.#loading = false
    }
  }

  async #serve(declared: Declared): Promise<void> {
    const before = this.#store.hash
    const revision = this.#node.entities.revision
    this.#store.hash = declared.hash
    try {
      await this.#node.write((set) => planDeclaration(set, declared))
      // Another text of the same rows: nothing was committed.
      if (this.#node.entities.revision === revision) await this.#store.save()
      this.#hash = declared.hash
    } catch (error) {
      this.#store.hash = before
      throw error
    }
  }
}

async function declareDocument(
  document: string | Fields,
  context: PlanContext,
  file?: string,
): Promise<Declared> {
  const read = typeof document === 'string' ? await readTextAside(document, file) : document
  const declaration = await runStepsApart(declare(read, context))
  return { ...declaration, hash: hashDocument(document) }
}

/**
 * What the settings declare; nothing where they do not.
 * @throws Error that names the file, the entities and the fields that are wrong
 */
export async function declareSettings(
  { declarative_config: file, declarative_config_string: text }: DeclarativeSettings,
  context: PlanContext,
): Promise<Declared | undefined> {
  if (file !== undefined) return declareFile(file, context)
  if (text === undefined) return undefined
  try {
    return await declareDocument(text, context)
  } catch (error) {
    throw explain('error parsing declarative_config_string', error)
  }
}

async function declareFile(file: string, context: PlanContext): Promise<Declared> {
  const what = `error parsing declarative config file ${file}`
  try {
    return await declareDocument(await readFile(file, 'utf8'), context, file)
  } catch (error) {
    throw explain(what, error)
  }
}

function explain(what: string, error: unknown): Error {
  const why =
    error instanceof DeclarativeError
      ? `\n${describeFaults(error.details)}`
      : ` ${messageOf(error)}`
  return new Error(`${what}:${why}`, { cause: error })
}

/** How a node does; without a database the hash of its configuration tells what a database would. */
export function withHash<D, H extends object>(
  { database, ...health }: H & { readonly database: D },
  declarative: Pick<DeclarativeConfig, 'hash'> | undefined,
) {
  return declarative ? { ...health, configuration_hash: declarative.hash } : { ...health, database }
}
