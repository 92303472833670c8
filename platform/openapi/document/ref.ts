/** What may stand once, among the components of the document. */
export type Kind = 'parameters' | 'headers' | 'responses' | 'schemas' | 'examples'

export const refTo = (kind: Kind, name: string): { $ref: string } => ({ $ref: `#/components/${kind}/${name}` })
