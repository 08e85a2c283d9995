/** What stands for `zod/v4/core` in the Worker (wrangler.toml): all that the writer of the OpenAPI document asks of it. */
export { toJSONSchema } from 'zod';
