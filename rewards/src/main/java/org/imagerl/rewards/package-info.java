/**
 * The built-in rewards: text in pictures ({@code ocr}), size as JPEG ({@code jpeg}), and what they run on ({@code onnx}).
 * Nothing here sees PyTorch: pictures come in as bytes.
 */
@NullMarked
package org.imagerl.rewards;

import org.jspecify.annotations.NullMarked;
