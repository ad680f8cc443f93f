"""An offline desktop program that tells COVID-19 from Healthy in chest images, for research use."""

__version__ = "0.1.0"
