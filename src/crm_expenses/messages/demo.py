"""What the demo says."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "demo.not_a_folder": (
        "{path} is a file, and the demo needs a folder. Name another one: crm-expenses demo FOLDER",
        "{path} 是文件，演示需要文件夹。请换一个：crm-expenses demo 文件夹",
    ),
    "demo.not_empty": (
        "{path} is not empty and not a demo of ours (it holds {found}). Name a new or empty folder: crm-expenses demo FOLDER",
        "{path} 不是空文件夹，也不是本演示的文件夹（其中有 {found}）。请指定新的或空的文件夹：crm-expenses demo 文件夹",
    ),
    "demo.other": (
        "{path} holds another demo ({held}) than the one asked for ({wanted}). Name another folder, or give the same --seed",
        "{path} 中是另一个演示（{held}），与所要求的（{wanted}）不同。请换文件夹，或使用相同的 --seed",
    ),
}
