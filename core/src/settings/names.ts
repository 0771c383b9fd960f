import { Invalid, type Kind } from './kind.ts'

/** A host name, lower case. */
export function hostName(): Kind<string> {
  return {
    accepts: 'host names',
    parse(text, { name }) {
      if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) return text.toLowerCase()
      throw new Invalid(`${name} has an invalid value: '${text}' (a host name without a port)`)
    },
  }
}

/** The origin of a page (RFC 6454 section 4), as a browser sends it. A path is accepted and dropped. */
export function origin(): Kind<string> {
  return {
    accepts: 'origins such as `https://manager.example:8002`',
    parse(text, { name }) {
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin
      throw new Invalid(`${name} has an invalid value: '${text}' (http://host or https://host)`)
    },
  }
}
