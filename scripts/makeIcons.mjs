// @ts-check
/**
 * `node scripts/makeIcons.mjs`: the PNG icons of the installed app, from public/icon.svg. Their files are committed; run it
 * after a change of the drawing, and look at them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { findChromium } from './chromium.mjs';
import { root } from './setup.mjs';

const svg = readFileSync(join(root, 'public/icon.svg'), 'utf8');
const BACKGROUND = '#0b0e12';

/** 'maskable': systems cut it to a shape of theirs, of which the middle four fifths are never cut away. */
const ICONS = [
  { name: 'icon-192.png', size: 192, scale: 1, background: 'transparent' },
  { name: 'icon-512.png', size: 512, scale: 1, background: 'transparent' },
  { name: 'icon-maskable-512.png', size: 512, scale: 0.8, background: BACKGROUND },
];

const executablePath = findChromium();
if (!executablePath) throw new Error('No Chromium or Chrome was found. Install one, or set CHROMIUM to its path.');
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  for (const { name, size, scale, background } of ICONS) {
    const drawing = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    await page.setViewport({ width: size, height: size });
    await page.setContent(
      `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${background}">` +
        `<img width="${size * scale}" height="${size * scale}" src="${drawing}">`,
    );
    await page.waitForFunction('document.images[0].complete');
    writeFileSync(join(root, 'public/icons', name), await page.screenshot({ omitBackground: true }));
    console.log(`public/icons/${name}`);
  }
} finally {
  await browser.close();
}
