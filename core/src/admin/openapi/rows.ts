import { definitions } from '../../entities/definitions/index.ts'
import type { EntityName } from '../../entities/rows.ts'
import type { About, Method, Operation } from '../endpoint.ts'
import { component, entityInput } from './entity.ts'
import { componentName } from './names.ts'
import { bodies } from './schema.ts'
import type { JsonSchema } from './schema.ts'
import { pageQuery } from './page.ts'

type Rows = NonNullable<About['rows']>

const tags = {
  type: 'string',
  description: 'Those with these tags: `a,b` is both, `a/b` is either; five at most.',
}

/** What can be done with rows, whatever entity they are of. */
export function rowOperation(rows: Rows, method: Method): Operation | undefined {
  const { entity, one, parent } = rows
  const name = componentName(entity)
  const row = component(name)
  const what = entity.replaceAll('_', ' ')
  if (one) return itemOperations(rows, name, row)[method]
  const list: Operation = {
    summary: `Lists ${what}`,
    query: { ...pageQuery, ...(parent === undefined && { tags, ...lookUps(entity) }) },
    answers: { 200: component(`${name}Page`) },
  }
  const create: Operation = {
    summary: `Adds to the ${what}`,
    body: bodies(entityInput(definitions[entity], parent ? [parent.field] : [])),
    answers: { 201: row },
  }
  return { GET: list, POST: create, PUT: undefined, PATCH: undefined, DELETE: undefined }[method]
}

/** The unique fields, other than the key of URLs, that one row can be asked for by. */
function lookUps(entity: EntityName): Readonly<Record<string, JsonSchema>> {
  const { key, unique } = definitions[entity]
  const others = unique.filter(({ fields }) => fields.length === 1 && fields[0] !== key)
  if (key === undefined) return {}
  return Object.fromEntries(
    others.map(({ fields: [field] }) => [
      field,
      { type: 'string', description: 'The one with it.' },
    ]),
  )
}

function itemOperations(
  { entity, parent }: Rows,
  name: string,
  row: JsonSchema,
): Readonly<Record<Method, Operation | undefined>> {
  const { key, owned, partOf } = definitions[entity]
  const what = `one of the ${entity.replaceAll('_', ' ')}`
  const known = [parent?.field, key, owned?.field].filter((field) => field !== undefined)
  const answers = { 200: row }
  const change = { summary: `Changes ${what}`, body: bodies(component(`${name}Change`)), answers }
  const replace = {
    summary: `Creates or replaces ${what}`,
    body: bodies(entityInput(definitions[entity], known)),
    answers,
  }
  return {
    GET: { summary: `Reads ${what}`, answers: { ...answers, 304: null } },
    PATCH: change,
    // A part is not created by PUT, and keeps what is not written.
    PUT: partOf === undefined ? replace : change,
    DELETE: { summary: `Deletes ${what}`, answers: { 204: null } },
    POST: undefined,
  }
}
