// SPDX-License-Identifier: GPL-2.0-only
/* Kbuild wants this file from every architecture; no assembly needs offsets. */
