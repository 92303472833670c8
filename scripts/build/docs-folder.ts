import { fileURLToPath } from 'node:url'

/** In a bundle takes the place of `swagger-ui-dist/absolute-path.js`: the files are beside it, put there by the build. */
export default (): string => fileURLToPath(new URL('docs', import.meta.url))
