/**
 * Draws the product's mark in the sizes that systems ask for, with a real Chromium. Run it when the mark changes:
 *
 *   node build/icons/make-icons.mjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../bootstrap/chromium.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const mark = readFileSync(path.join(root, 'renderer/public/fanout.svg'), 'utf8');
const executablePath = findChromium();
if (executablePath === null) throw new Error('No Chromium was found; name one in CHROMIUM_PATH.');

const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
const page = await browser.newPage();

/** @param {number} sizePx @returns {Promise<Buffer>} PNG with a transparent ground */
async function draw(sizePx) {
  await page.setViewportSize({ width: sizePx, height: sizePx });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${sizePx}px;height:${sizePx}px}</style>${mark}`);
  return await page.screenshot({ omitBackground: true });
}

/** Windows: a header, a table of the pictures, the pictures as PNG. @param {readonly (readonly [number, Buffer])[]} pictures */
function iconOfWindows(pictures) {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  for (const [index, [sizePx, png]] of pictures.entries()) {
    const at = 6 + 16 * index;
    header.writeUInt8(sizePx % 256, at); // 0 stands for 256
    header.writeUInt8(sizePx % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...pictures.map(([, png]) => png)]);
}

/** macOS: pictures behind four letters that name their size. @param {readonly (readonly [string, Buffer])[]} pictures */
function iconOfMac(pictures) {
  const parts = pictures.map(([type, png]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return Buffer.concat([head, png]);
  });
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([head, ...parts]);
}

/** @param {string} file @param {Buffer} content */
function save(file, content) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
}

/** @type {Map<number, Buffer>} */
const drawn = new Map();
for (const sizePx of [16, 24, 32, 48, 64, 128, 256, 512]) drawn.set(sizePx, await draw(sizePx));
await browser.close();
const png = (/** @type {number} */ sizePx) => /** @type {Buffer} */ (drawn.get(sizePx));
save('electron/main/icons/tray.png', png(32));
save('electron/main/icons/window.png', png(128));
save('build/icons/fanout.png', png(512));
save('build/icons/fanout.ico', iconOfWindows([16, 24, 32, 48, 64, 128, 256].map((size) => [size, png(size)])));
save(
  'build/icons/fanout.icns',
  iconOfMac([
    ['ic07', png(128)],
    ['ic08', png(256)],
    ['ic09', png(512)],
  ]),
);
