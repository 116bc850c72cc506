// @ts-check
/** `npm start`: installs what is missing, builds the page and serves it. PORT chooses the port (4173, or the next free). */
import { ensureNodeModules, root, SetupError } from './setup.mjs';

try {
  ensureNodeModules();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const port = Number(process.env.PORT ?? 4173);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error(`PORT must be a whole number from 1 to 65535, got "${process.env.PORT}".`);
  process.exit(1);
}

process.chdir(root);
const { build, preview } = await import('vite');
await build({ logLevel: 'warn' });
const server = await preview({ logLevel: 'warn', preview: { port, strictPort: false } });
console.log(`\nOrganscope is running: ${server.resolvedUrls?.local[0]}   (Ctrl+C stops it)\n`);
