/** The media type that a message says it has, without its parameters; empty where it says nothing. */
export function mediaTypeOf(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  const end = type.indexOf(';')
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase()
}
