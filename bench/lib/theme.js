'use strict';
// Colours of the pictures in README and of the plots, for light and dark pages.

/** name: [on a light page, on a dark one]. */
const themes = {
  background: ['#ffffff', '#0d1117'],
  ink: ['#24292f', '#e6edf3'],
  quiet: ['#656d76', '#9198a1'],
  line: ['#d0d7de', '#3d444d'],
  box: ['#eef3f9', '#1b2530'],
  boxBorder: ['#9db4cf', '#4f6f92'],
  full: ['#fbeaec', '#3a1d22'],
  ours: ['#d1495b', '#ea6a79'],
  '0.2.7': ['#e3a234', '#edae49'],
  net: ['#30638e', '#5b9bd0'],
  'net-cork': ['#8db4d9', '#2f5f8f'],
  'unix-dgram': ['#7a5195', '#b08bd0'],
  udp: ['#4f8f6c', '#66a182'],
  c: ['#8c8c8c', '#8d8d8d'],
  'c-doubled': ['#b08968', '#c9a27e'],
  'c-own': ['#3f3f3f', '#e0e0e0'],
};
themes.cluster = themes.net;
themes.python = themes.udp;
themes['c-spin'] = themes['c-own'];
themes['cluster-reuseport'] = themes['net-cork'];

const colors = Object.fromEntries(Object.entries(themes).map(([name, [light]]) => [name, light]));

const rules = [...new Set(Object.values(themes))].map(
  ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
);

/** Adds a style sheet to an SVG drawn in the light colours, which replaces them on a dark page. */
function withDarkMode(svg) {
  return svg.replace(/<svg[^>]*>/, `$&<style>@media (prefers-color-scheme: dark){${rules.join('')}}</style>`);
}

module.exports = { colors, withDarkMode };
