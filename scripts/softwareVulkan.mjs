// @ts-check
/** Lets Dawn in Node run on the SwiftShader that Chromium ships, on machines without a Vulkan driver of their own. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findChromium } from './chromium.mjs';

/**
 * Variables a child process needs: the loader reads LD_LIBRARY_PATH only when a process starts.
 * @returns {Record<string, string>} empty when Chromium's SwiftShader is nowhere to be found
 */
export function softwareVulkanEnvironment() {
  const chromium = findChromium();
  const folders = [...(chromium ? [dirname(realpathSync(chromium))] : []), '/usr/lib/chromium', '/opt/google/chrome'];
  const folder = folders.find((f) => existsSync(join(f, 'vk_swiftshader_icd.json')));
  if (!folder) return {};
  return {
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
}
