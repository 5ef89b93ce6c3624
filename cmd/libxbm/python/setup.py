"""The wheel holds a library for one kind of machine, and no code for one version of Python."""

import os
import platform

from setuptools import setup
from wheel.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        machine = os.environ.get("CROSSBATCH_MACHINE", platform.machine())
        return "py3", "none", f"manylinux_2_34_{machine}"


setup(cmdclass={"bdist_wheel": PlatformWheel})
